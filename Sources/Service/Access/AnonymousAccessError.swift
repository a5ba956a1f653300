import HTTPServer

/// The service would be open to anybody who reaches it.
package struct AnonymousAccessError: Error, CustomStringConvertible {
  let address: HTTPAddress

  /// One line that says what to do.
  package var description: String {
    "--listen is \(address), beyond loopback, and there is no token: make one with emc tokens create --name NAME --scope "
      + "admin, or say --allow-anonymous if everybody who reaches it may do everything"
  }
}
