import Foundation

/// The user that the server's processes run as when this process is root.
struct ServerUser: Sendable, Hashable {
  let id: uid_t
  let group: gid_t

  /// Nil for an ordinary user (the server runs as that one); `postgres` for root.
  static func forThisProcess() throws(ClusterError) -> ServerUser? {
    guard geteuid() == 0 else { return nil }
    // Asked once at start, before anything else could ask: the static answer is safe to read.
    guard let entry = getpwnam("postgres"), entry.pointee.pw_uid != 0 else {
      throw .noUnprivilegedUser
    }
    return ServerUser(id: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
  }

  /// The command line that runs another as this user, in the same process.
  func command(_ path: String, _ arguments: [String]) throws(ClusterError) -> [String] {
    let setpriv = "/usr/bin/setpriv"
    guard FileManager.default.isExecutableFile(atPath: setpriv) else {
      throw .unusable(path: setpriv, reason: "it is not there; install the package util-linux")
    }
    return [setpriv, "--reuid=\(id)", "--regid=\(group)", "--init-groups", "--", path] + arguments
  }

  /// Whether this user may pass through a folder and all those above it.
  func canReach(_ path: String) -> Bool {
    var path = path
    while true {
      var facts = stat()
      guard stat(path, &facts) == 0 else { return false }
      let needed: mode_t =
        facts.st_uid == id ? S_IXUSR : facts.st_gid == group ? S_IXGRP : S_IXOTH
      guard facts.st_mode & needed != 0 else { return false }
      if path == "/" { return true }
      path = (path as NSString).deletingLastPathComponent
    }
  }
}
