/// A file of the repository that the binary carries inside, so that it runs from any directory.
package struct EmbeddedFile: Sendable {
  /// The path in the repository: `openapi.yaml`, `migrations/0001_….sql`.
  package let path: String
  /// The contents.
  package let text: String

  /// The contract of the API.
  package static let openapi: EmbeddedFile = {
    guard let file = all.first(where: { $0.path == "openapi.yaml" }) else {
      preconditionFailure("the build embeds openapi.yaml")
    }
    return file
  }()

  /// The files of a folder, in order of their names.
  package static func files(in folder: String) -> [EmbeddedFile] {
    all.filter { $0.path.hasPrefix(folder + "/") }.sorted { $0.path < $1.path }
  }

  /// The last part of the path.
  package var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}
