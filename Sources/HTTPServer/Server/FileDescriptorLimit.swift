import Glibc

/// The number of files that this process may have open.
package enum FileDescriptorLimit {
  /// Raises the soft limit, as far as the hard one allows, so that a server's connections fit beside the
  /// files, pipes and database connections of the rest of the process. The limit that holds then.
  @discardableResult
  package static func makeRoom(forConnections connections: Int) -> Int {
    var limit = rlimit()
    let wanted = rlim_t(connections + 512)
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    if limit.rlim_cur < wanted {
      var raised = limit
      raised.rlim_cur = min(wanted, limit.rlim_max)
      if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }
}
