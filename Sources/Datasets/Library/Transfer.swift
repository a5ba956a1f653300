import Foundation
import FoundationNetworking
import Synchronization

/// One HTTP request whose body goes to a file as it arrives.
final class Transfer: NSObject, URLSessionDataDelegate, Sendable {
  struct Result: Sendable {
    var status: Int
    /// The validator to resume with.
    var entityTag: String?
    var failure: String?
    /// The disk's fault rather than the network's.
    var writeError: DatasetError?
  }

  private struct State {
    var status = 0
    var entityTag: String?
    var file: File?
    var received = 0
    var total: Int?
    var failure: String?
    var writeError: DatasetError?
  }

  private let path: String
  private let offset: Int
  private let progress: @Sendable (Int, Int?) -> Void
  private let state = Mutex(State())
  private let done = DispatchSemaphore(value: 0)

  /// Appends at `offset`, the length that the file at `path` has.
  private init(path: String, offset: Int, progress: @escaping @Sendable (Int, Int?) -> Void) {
    self.path = path
    self.offset = offset
    self.progress = progress
  }

  /// Fetches `url` into the file at `path`, from `offset` on where the server still has the same entity. Blocks until
  /// it is there or `shouldStop` says so; call it from a thread that may wait.
  static func run(
    _ url: URL, into path: String, offset: Int, entityTag: String?,
    progress: @escaping @Sendable (Int, Int?) -> Void, shouldStop: () -> Bool
  ) -> Result {
    let transfer = Transfer(path: path, offset: offset, progress: progress)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 60
    configuration.urlCache = nil
    let session = URLSession(configuration: configuration, delegate: transfer, delegateQueue: nil)
    var request = URLRequest(url: url)
    // Files are checked byte for byte: no encoding on the way.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    if offset > 0 {
      request.setValue("bytes=\(offset)-", forHTTPHeaderField: "Range")
      if let entityTag { request.setValue(entityTag, forHTTPHeaderField: "If-Range") }
    }
    let task = session.dataTask(with: request)
    task.resume()
    while transfer.done.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
      guard shouldStop() else { continue }
      task.cancel()
      // Nobody waits for what a server that says nothing makes of it.
      _ = transfer.done.wait(timeout: .now() + .seconds(1))
      break
    }
    session.finishTasksAndInvalidate()
    return transfer.state.withLock { state in
      Result(
        status: state.status, entityTag: state.entityTag, failure: state.failure, writeError: state.writeError
      )
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    let accepted = state.withLock { state in
      guard let response = response as? HTTPURLResponse else { return false }
      state.status = response.statusCode
      let tag = response.value(forHTTPHeaderField: "ETag")
      state.entityTag = tag?.hasPrefix("W/") == true ? nil : tag
      let resumed = response.statusCode == 206
      guard response.statusCode == 200 || resumed else { return false }
      if resumed {
        let range = response.value(forHTTPHeaderField: "Content-Range") ?? ""
        guard offset > 0, range.hasPrefix("bytes \(offset)-") else {
          state.failure = "the server answered with another range than asked for"
          return false
        }
        state.received = offset
      }
      if response.expectedContentLength >= 0 {
        state.total = state.received + Int(response.expectedContentLength)
      }
      do throws(DatasetError) {
        state.file = try File(path, resumed ? .append : .create)
      } catch {
        state.writeError = error
        return false
      }
      return true
    }
    completionHandler(accepted ? .allow : .cancel)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let (received, total, failed) = state.withLock { state in
      do throws(DatasetError) {
        try state.file?.write(Array(data))
        state.received += data.count
      } catch {
        state.writeError = error
      }
      return (state.received, state.total, state.writeError != nil)
    }
    if failed { dataTask.cancel() } else { progress(received, total) }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    state.withLock { state in
      state.file = nil
      if let error, state.failure == nil, state.writeError == nil, state.status == 0 || state.status < 300 {
        state.failure = error.localizedDescription
      } else if let total = state.total, state.received < total {
        state.failure = "the connection ended after \(state.received) of \(total) bytes"
      }
    }
    done.signal()
  }
}
