/// The body of the request being served: how far it has come, and what it has cost to wait for it.
struct IncomingBody {
  var decoder: BodyDecoder
  /// `100 Continue` is still to be sent.
  var awaitsContinue: Bool
  /// The handler hasn't answered yet, so it may read.
  var isOpen = true
  var isBeingRead = false
  var hasFailed = false
  private var waited = Duration.zero
  private var receivedBytes = 0

  init(_ framing: BodyFraming, expectsContinue: Bool, limits: HTTPLimits) {
    decoder = BodyDecoder(framing, limits: limits)
    awaitsContinue = expectsContinue
  }

  /// What the next wait may last: the body's allowance, and the time that the bytes so far would take at the
  /// slowest rate, less the time spent waiting. A handler that reads slowly costs the client nothing.
  func patience(_ deadlines: HTTPDeadlines) -> Duration {
    let earned = Duration.seconds(Double(receivedBytes) / Double(max(1, deadlines.bodyBytesPerSecond)))
    return max(.milliseconds(1), deadlines.body + earned - waited)
  }

  mutating func note(bytes: Int, waited duration: Duration) {
    receivedBytes += bytes
    waited += duration
  }
}
