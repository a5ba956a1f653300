import CPostgres
import Foundation

extension Session {
  /// Checks that a URL parses, without connecting.
  static func validate(url: String) throws(DatabaseError) {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &message) else {
      defer { PQfreemem(message) }
      throw .invalidURL(reason: message.map { oneLine($0) } ?? "out of memory")
    }
    PQconninfoFree(options)
  }

  /// Begins to connect; nil when out of memory.
  static func begin(_ url: String) -> OpaquePointer? {
    // What stands before `dbname` are defaults that the URL may override.
    let settings: KeyValuePairs = [
      "application_name": "emc", "client_encoding": "UTF8", "keepalives_idle": "15",
      "keepalives_interval": "5",
      "keepalives_count": "3", "tcp_user_timeout": "30000", "dbname": url,
    ]
    var keys = settings.map { strdup($0.key) } + [nil]
    var values = settings.map { strdup($0.value) } + [nil]
    defer { for text in keys + values { free(text) } }
    return keys.withUnsafeMutableBufferPointer { keys in
      values.withUnsafeMutableBufferPointer { values in
        keys.withMemoryRebound(to: UnsafePointer<CChar>?.self) { keys in
          values.withMemoryRebound(to: UnsafePointer<CChar>?.self) { values in
            PQconnectStartParams(keys.baseAddress, values.baseAddress, 1)
          }
        }
      }
    }
  }

  /// Why no connection came of it; nil when it stands.
  static func finish(
    _ opened: OpaquePointer, by deadline: ContinuousClock.Instant, _ isGivenUp: () -> Bool
  ) -> String? {
    var wanted = PGRES_POLLING_WRITING
    while PQstatus(opened) != CONNECTION_BAD {
      switch wanted {
      case PGRES_POLLING_OK: return nil
      case PGRES_POLLING_FAILED: return oneLine(PQerrorMessage(opened))
      default:
        let events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT
        guard wait(PQsocket(opened), Int16(events), until: deadline, isGivenUp) else {
          return "the server does not answer"
        }
        wanted = PQconnectPoll(opened)
      }
    }
    return oneLine(PQerrorMessage(opened))
  }
}
