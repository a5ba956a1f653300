/// One event of a stream (WHATWG HTML §9.2).
package struct ServerSentEvent: Sendable, Hashable {
  /// What a client that reconnects sends as `Last-Event-ID`; nil leaves its last one as it is.
  package var id: String?
  /// The kind; nil: `message`.
  package var name: String?
  /// Lines of text; a client joins them by line feeds.
  package var data: String

  /// An id has no line ends and no NUL, a name no line ends: they couldn't be written.
  package init(id: String? = nil, name: String? = nil, data: String) {
    precondition(
      (id ?? "").unicodeScalars.allSatisfy { !"\r\n\0".unicodeScalars.contains($0) }
        && (name ?? "").unicodeScalars.allSatisfy { !"\r\n".unicodeScalars.contains($0) },
      "the fields of an event are one line each")
    self.id = id
    self.name = name
    self.data = data
  }

  /// The event's lines and the empty one that ends it. Data are split at every kind of line end, so that what
  /// stands in them can't begin a field.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    func line(_ field: String, _ value: some Sequence<UInt8>) {
      bytes += field.utf8
      bytes += ": ".utf8
      bytes += value
      bytes.append(Octet.lineFeed)
    }
    if let id { line("id", id.utf8) }
    if let name { line("event", name.utf8) }
    let normalized = data.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    for part in normalized.utf8.split(separator: Octet.lineFeed, omittingEmptySubsequences: false) {
      line("data", part)
    }
    bytes.append(Octet.lineFeed)
    return bytes
  }
}

extension HTTPRequest {
  /// The id of the last event that a reconnecting client has seen (§9.2.3); nil where it has seen none.
  package var lastEventID: String? {
    headers.single(.lastEventID).flatMap { $0.isEmpty ? nil : $0 }
  }
}

extension HTTPResponse {
  /// A stream of events, which goes on until it is finished, the client is gone or the server stops.
  package static func events(_ stream: EventStream) -> HTTPResponse {
    HTTPResponse(
      headers: [
        "Content-Type": "text/event-stream", "Cache-Control": "no-store",
        // Proxies that gather responses are to pass these on as they come.
        "X-Accel-Buffering": "no",
      ], body: .events(stream))
  }
}
