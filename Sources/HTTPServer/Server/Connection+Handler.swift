import Synchronization

/// Running a request's handler within its deadline.
extension Connection {
  /// One answer, whoever comes first: the handler or the deadline.
  private final class Answer: Sendable {
    private enum State {
      case none
      case awaited(CheckedContinuation<HTTPResponse, Never>)
      case given(HTTPResponse)
      case taken
    }

    private let state = Mutex(State.none)

    func give(_ response: HTTPResponse) {
      let waiter = state.withLock { state -> CheckedContinuation<HTTPResponse, Never>? in
        switch state {
        case .none: state = .given(response)
        case .awaited(let waiter):
          state = .taken
          return waiter
        case .given, .taken: break
        }
        return nil
      }
      waiter?.resume(returning: response)
    }

    var value: HTTPResponse {
      get async {
        await withCheckedContinuation { continuation in
          let given = state.withLock { state -> HTTPResponse? in
            guard case .given(let response) = state else {
              state = .awaited(continuation)
              return nil
            }
            state = .taken
            return response
          }
          if let given { continuation.resume(returning: given) }
        }
      }
    }
  }

  /// The handler's response, or 503 where it is late: it is cancelled then, and no longer waited for.
  nonisolated func respond(to request: HTTPRequest) async -> HTTPResponse {
    let answer = Answer()
    let work = Task.detached { [router] in answer.give(await router.respond(to: request)) }
    request.deadline.whenExpired { [logger] in
      logger.warning(
        "A request was called off: its handler took too long.",
        metadata: ["method": "\(request.method)", "target": "\(request.loggedTarget)"])
      answer.give(Self.late)
      work.cancel()
    }
    transport.watch(request.deadline)
    defer { request.deadline.end() }
    return await withTaskCancellationHandler {
      await answer.value
    } onCancel: {
      work.cancel()
    }
  }

  private static var late: HTTPResponse {
    ProblemDocument(
      .deadlineExceeded,
      detail: "The server couldn't answer in time. What the request asked for may have been done.",
      headers: ["Retry-After": "5", "Connection": "close"]
    ).response
  }
}
