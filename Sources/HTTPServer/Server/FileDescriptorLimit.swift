import Glibc

/// The number of files that this process may have open.
enum FileDescriptorLimit {
  /// Raises the soft limit, as far as the hard one allows, so that a server's connections fit beside the
  /// files, pipes and database connections of the rest of the process.
  static func makeRoom(forConnections connections: Int) {
    var limit = rlimit()
    let wanted = rlim_t(connections + 512)
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted else {
      return
    }
    limit.rlim_cur = min(wanted, limit.rlim_max)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
