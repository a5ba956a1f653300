import Synchronization

/// Something of which there is only so much at a time, such as memory for documents that are being decoded. Who finds no room
/// waits a moment in order of arrival, and is told to come again when there is none then. It is for what the server does by
/// itself: whoever holds it while a client sends leaves all others to the slowest (`ByteBudget` has what has arrived).
package final class Budget: Sendable {
  private struct State {
    var free: Int
    var waiting: [(ticket: UInt64, amount: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    var nextTicket: UInt64 = 0
  }

  private let limit: Int
  private let patience: Duration
  private let refusal: BudgetError
  private let state: Mutex<State>

  /// - Parameters:
  ///   - limit: how much there is.
  ///   - use: what the server does with it, as one is told who found no room.
  ///   - patience: how long one waits for room.
  ///   - retry: after how many seconds it is worth trying again.
  package init(
    _ limit: Int, for use: String = "reading as many documents as it can hold",
    patience: Duration = .seconds(3), retry: Int = 1
  ) {
    self.limit = limit
    self.patience = patience
    refusal = BudgetError(use: use, retry: retry)
    state = Mutex(State(free: limit))
  }

  /// Calls `use` while it holds so much (all there is, where more is asked for).
  ///
  /// - Throws: `BudgetError` where there is no room for too long, what `use` throws.
  package func holding<T: Sendable>(_ amount: Int, _ use: @Sendable () async throws -> T) async throws -> T {
    let amount = min(limit, max(1, amount))
    guard await take(amount) else { throw refusal }
    defer { give(amount) }
    return try await use()
  }

  private func take(_ amount: Int) async -> Bool {
    let ticket = state.withLock { state -> UInt64? in
      if state.waiting.isEmpty, state.free >= amount {
        state.free -= amount
        return nil
      }
      state.nextTicket += 1
      return state.nextTicket
    }
    guard let ticket else { return true }
    var reminder: Task<Void, any Error>?
    let hasRoom = await withCheckedContinuation { continuation in
      state.withLock { state in
        state.waiting.append((ticket, amount, continuation))
      }
      serve()
      // Not before it waits: who is refused then is not among those who wait, and would wait for ever.
      reminder = Task { [patience] in
        try await Task.sleep(for: patience)
        refuse(ticket)
      }
    }
    reminder?.cancel()
    return hasRoom
  }

  private func refuse(_ ticket: UInt64) {
    let refused = state.withLock { state in
      state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0).continuation }
    }
    refused?.resume(returning: false)
    serve()
  }

  private func give(_ amount: Int) {
    state.withLock { $0.free += amount }
    serve()
  }

  /// Lets in who waits, in order of arrival.
  private func serve() {
    let served = state.withLock { state in
      var served: [CheckedContinuation<Bool, Never>] = []
      while let first = state.waiting.first, first.amount <= state.free {
        state.free -= first.amount
        served.append(first.continuation)
        state.waiting.removeFirst()
      }
      return served
    }
    for continuation in served { continuation.resume(returning: true) }
  }
}

/// Something is used up for the moment.
package struct BudgetError: Error, Hashable {
  /// What the server does with all of it.
  package let use: String
  /// After how many seconds it is worth trying again.
  package let retry: Int

  package init(use: String, retry: Int) {
    self.use = use
    self.retry = retry
  }
}
