import Foundation
import FoundationNetworking
import Testing

/// What is kept in the data directory is its owner's alone.
@Suite struct RightsTests {
  private func rights(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func filesAreTheirOwnersAlone() async throws {
    try await withFolder { folder in
      // A folder that is to be made on the way, and files that an earlier release left open.
      let data = folder.appending(path: "made/on/the/way/data")
      for (name, file) in [
        ("workers", "9"), ("artifacts", "a.npz"), ("downloads", "b"), ("outbox", "c"), ("uploads", "d"),
      ] {
        let part = data.appending(path: name)
        try FileManager.default.createDirectory(
          at: part, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        try Data().write(to: part.appending(path: file))
        chmod(part.appending(path: file).path, 0o644)
      }

      let service = try EMCProcess(
        ["serve", "--listen", "127.0.0.1:0", "--workers", "0", "--data-directory", data.path], in: folder)
      let address = try await service.address()
      var upload = URLRequest(
        url: try #require(URL(string: "http://\(address)/v1/datasets?name=few&format=csv")))
      upload.httpMethod = "POST"
      upload.httpBody = Data((0..<20).map { "\($0),\($0 % 2)\n" }.joined().utf8)
      let (_, response) = try await URLSession.shared.data(for: upload)
      #expect((response as? HTTPURLResponse)?.statusCode == 201)

      // The private cluster's server runs as another user where this one is root: it is let through, no more.
      #expect(try rights(data.path) == (geteuid() == 0 ? 0o711 : 0o700))
      var seen: Set<String> = []
      let paths = try FileManager.default.subpathsOfDirectory(atPath: data.path)
      for path in paths where !path.hasPrefix("postgresql") {
        var isFolder: ObjCBool = false
        // Locks and temporary files come and go.
        guard FileManager.default.fileExists(atPath: data.path + "/" + path, isDirectory: &isFolder) else {
          continue
        }
        #expect(try rights(data.path + "/" + path) == (isFolder.boolValue ? 0o700 : 0o600), "\(path)")
        seen.insert(String(path.prefix { $0 != "/" }))
      }
      #expect(
        seen.isSuperset(of: [
          "artifacts", "blocks", "downloads", "outbox", "serve.lock", "stored", "uploads", "workers",
        ]))
      #expect(try rights(data.path + "/postgresql") == 0o700)
      service.process.terminate()
      #expect(try await service.exitCode() == 0)
    }
  }
}
