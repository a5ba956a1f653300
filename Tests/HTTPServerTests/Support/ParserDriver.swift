import HTTPServer

/// What the parser makes of a stream of bytes: the requests, then the fault, if any, that ends it.
struct ParsedStream: Equatable {
  struct Request: Equatable {
    var method: String
    var target: String
    var segments: [String]
    var query: [String]
    var headers: HTTPHeaders
    var body: [UInt8] = []
    var isComplete = false
  }

  var requests: [Request] = []
  var fault: RequestFault?

  /// Feeds the pieces one by one to the parser and the decoder that a connection uses, in the way it uses
  /// them.
  init(_ pieces: some Sequence<ArraySlice<UInt8>>, limits: HTTPLimits = HTTPLimits()) {
    var buffer = ReceiveBuffer()
    var parser = RequestHeadParser(limits: limits)
    var decoder: BodyDecoder?
    do throws(RequestFault) {
      for piece in pieces {
        buffer.append(piece)
        while true {
          if decoder == nil {
            guard let head = try parser.parse(&buffer) else { break }
            requests.append(Request(head))
            decoder = BodyDecoder(head.framing, limits: limits)
          }
          let content = try decoder?.decode(&buffer, atMost: 1_000) ?? []
          requests[requests.count - 1].body += content
          if decoder?.isFinished == true {
            requests[requests.count - 1].isComplete = true
            decoder = nil
            parser = RequestHeadParser(limits: limits)
          } else if content.isEmpty {
            break
          }
        }
      }
    } catch {
      fault = error
      // How much of a broken body was seen before the fault depends on the pieces, and may.
      if let last = requests.indices.last, !requests[last].isComplete { requests[last].body = [] }
    }
  }

  init(_ bytes: [UInt8], limits: HTTPLimits = HTTPLimits()) {
    self.init(CollectionOfOne(bytes[...]), limits: limits)
  }

  /// One byte at a time.
  static func byteByByte(_ bytes: [UInt8], limits: HTTPLimits = HTTPLimits()) -> ParsedStream {
    ParsedStream(bytes.indices.lazy.map { bytes[$0...$0] }, limits: limits)
  }
}

extension ParsedStream.Request {
  init(_ head: RequestHead) {
    method = head.method.rawValue
    target = head.target.text
    segments = head.target.segments
    query = head.target.query.map { "\($0.name)=\($0.value)" }
    headers = head.headers
  }
}
