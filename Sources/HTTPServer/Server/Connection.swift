import Logging

/// Serves the requests of one connection, one after the other in the order they came (RFC 9112 §9.3.2).
actor Connection {
  let transport: Transport
  let configuration: HTTPServerConfiguration
  let logger: Logger
  let router: Router
  private let registry: ConnectionRegistry

  var buffer = ReceiveBuffer()
  var incoming: IncomingBody
  /// Who waits for the body's last reader.
  var readerEnd: CheckedContinuation<Void, Never>?
  private var requestCount = 0

  init(
    _ transport: Transport, router: Router, registry: ConnectionRegistry,
    configuration: HTTPServerConfiguration, logger: Logger
  ) {
    self.transport = transport
    self.router = router
    self.registry = registry
    self.configuration = configuration
    self.logger = logger
    incoming = IncomingBody(.none, expectsContinue: false, limits: configuration.limits)
  }

  /// Returns when the connection is over; closes it.
  func serve() async {
    do {
      while try await serveRequest() {}
    } catch {
      logger.trace(
        "A connection ended.", metadata: ["remote": "\(transport.remoteAddress)", "reason": "\(error)"])
    }
    await endReading()
    transport.close()
  }

  private enum Arrival {
    case head(RequestHead)
    case fault(RequestFault)
    /// The header's deadline has passed.
    case late
    /// There is no further request.
    case none
  }

  /// True: the connection stays open for another request.
  private func serveRequest() async throws(TransportError) -> Bool {
    switch try await receiveHead() {
    case .none: return false
    case .late:
      try await refuse(ProblemDocument(.requestTimeout, detail: "The request arrived too slowly."))
      return false
    case .fault(let fault):
      try await refuse(ProblemDocument(fault.problem, detail: fault.detail))
      return false
    case .head(let head): return try await answer(head)
    }
  }

  private func receiveHead() async throws(TransportError) -> Arrival {
    let deadlines = configuration.deadlines
    buffer.shrink()
    var parser = RequestHeadParser(limits: configuration.limits)
    var hasBegun = !buffer.isEmpty
    var deadline = ContinuousClock.now + (hasBegun || requestCount == 0 ? deadlines.header : deadlines.idle)
    while true {
      do throws(RequestFault) {
        if let head = try parser.parse(&buffer) { return .head(head) }
      } catch {
        return .fault(error)
      }
      do throws(TransportError) {
        buffer.append(try await transport.read(atMost: 8_192, by: deadline, idle: !hasBegun))
      } catch .timedOut {
        return hasBegun ? .late : .none
      } catch .disconnected {
        return .none
      }
      if !hasBegun {
        hasBegun = true
        if requestCount > 0 { deadline = .now + deadlines.header }
      }
    }
  }

  private func answer(_ head: RequestHead) async throws(TransportError) -> Bool {
    requestCount += 1
    incoming = IncomingBody(
      head.framing, expectsContinue: head.expectsContinue, limits: configuration.limits)
    let number = requestCount
    let deadline = RequestDeadline(configuration.deadlines.request)
    let body = HTTPBody(
      declaredLength: incoming.decoder.remaining, limit: configuration.limits.bodyBytes,
      budget: registry.collectedBytes
    ) { [self] in
      let piece = try await nextBodyPiece(ofRequest: number)
      deadline.restart()
      return piece
    }
    let request = HTTPRequest(
      method: head.method, target: head.target, headers: head.headers, body: body,
      remoteAddress: transport.remoteAddress, deadline: deadline)

    var response = await respond(to: request)
    incoming.isOpen = false
    let stream = response.body.events
    if let stream, let refusal = registry.begin(stream) { response = refusal.response }
    defer { if let stream { registry.end(stream) } }
    let keepsAlive =
      head.keepsAlive && !registry.isStopping && !response.headers.list(.connection).contains("close")
      && canSkipBody()
    var outcome = HTTPResponse.SendOutcome(isComplete: false)
    defer { response.tellObservers(outcome) }
    let staysOpen = try await send(
      response, isHead: head.method == .head, minorVersion: head.minorVersion, keepsAlive: keepsAlive,
      &outcome)
    guard outcome.isComplete else { return false }
    if staysOpen { return try await skipBody() }
    await linger()
    return false
  }

  /// A last response to a client whose next bytes can't be understood or waited for.
  private func refuse(_ problem: ProblemDocument) async throws(TransportError) {
    var response = problem.response
    let id = RequestIdentification.newID()
    response.headers.set(.requestID, HTTPHeaderValue(validated: id))
    logger.debug(
      "A request was refused.",
      metadata: [
        "request-id": "\(id)", "remote": "\(transport.remoteAddress)", "status": "\(problem.status.code)",
        "reason": "\(problem.detail ?? "")",
      ])
    var outcome = HTTPResponse.SendOutcome()
    _ = try await send(response, isHead: false, minorVersion: 1, keepsAlive: false, &outcome)
    await linger(always: true)
  }

  /// Lets the client read the last response: closing a socket with unread bytes would reset the connection,
  /// and the response could be lost with it (RFC 9112 §9.6).
  private func linger(always: Bool = false) async {
    guard always || !incoming.decoder.isFinished || !buffer.isEmpty else { return }
    await transport.drain(for: configuration.deadlines.linger)
  }

  /// Whether the body of request number `number` may still be read: nobody reads it after the response.
  func isCurrent(_ number: Int) -> Bool { number == requestCount && incoming.isOpen }
}
