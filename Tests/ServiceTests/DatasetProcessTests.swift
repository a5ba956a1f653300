import Capacity
import Foundation
import Testing

/// Runs `curl` and gives the status and the body of the response.
private func curl(_ arguments: [String]) async throws -> (status: Int, body: JSONValue) {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(filePath: "/usr/bin/curl")
  process.arguments = ["--silent", "--show-error", "--write-out", "\n%{http_code}"] + arguments
  process.standardOutput = output
  try process.run()
  // Waits without holding a thread of the pool that other tests run on; the answers fit into the pipe.
  _ = try await eventually("the end of curl") { process.isRunning ? nil : true }
  try output.fileHandleForWriting.close()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  let body = lines.dropLast().joined(separator: "\n")
  return (Int(lines.last ?? "") ?? 0, body.isEmpty ? .null : try JSONValue(parsing: body.utf8))
}

private func fixture(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "DatasetsTests/Fixtures/\(name)").path
}

/// Data sets through the built command: over a real socket and on the command line.
@Suite(.serialized) struct DatasetProcessTests {
  @Test func uploadsOverASocketAreMeasuredAndABrokenOffOneLeavesNothing() async throws {
    try await withFolder { folder in
      let serve = try EMCProcess(
        [
          "serve", "--listen", "127.0.0.1:0", "--workers", "1", "--data-directory", folder.path,
          "--dataset-limit", "1M",
        ], in: folder)
      let address = try await serve.address()
      let root = "http://\(address)/v1"
      let csv = folder.appending(path: "flowers.csv")
      try Data(flowers.utf8).write(to: csv)

      for (name, arguments, samples) in [
        ("flowers", ["-F", "name=flowers", "-F", "class_column=kind", "-F", "file=@\(csv.path)"], 60),
        (
          "arrays",
          ["-F", "name=arrays", "-F", "channel_order=last", "-F", "file=@\(fixture("arrays/images.npz"))"],
          nil
        ),
        (
          "photos",
          [
            "-F", "name=photos", "-F", "height=8", "-F", "width=8",
            "-F", "file=@\(fixture("image_folder/sample.tar"))",
          ], 30
        ),
      ] as [(String, [String], Int?)] {
        let added = try await curl(arguments + ["\(root)/datasets"])
        #expect(added.status == 201, "\(added.body.text())")
        if let samples { #expect(added.body["training_samples"] == .integer(samples)) }
        let job = try await curl(
          ["-d", measurement(of: #"{"name": "\#(name)"}"#), "\(root)/jobs"])
        #expect(job.status == 202, "\(job.body.text())")
        let id = try #require(job.body["id"]?.stringValue)
        let done = try await eventually("the end of \(name)") {
          let job = try await curl(["\(root)/jobs/\(id)"]).body
          return job["state"] == .string("succeeded") || job["state"] == .string("failed") ? job : nil
        }
        #expect(done["state"] == .string("succeeded"), "\(done["error"]?.text() ?? "")")
        #expect((done["result"]?["emc"]?.integerValue ?? 0) > 0)
      }

      // In chunks, of unknown length; too long; broken off in the middle.
      let chunked = try await curl([
        "-X", "POST", "-H", "Transfer-Encoding: chunked", "-H", "Content-Type: text/csv", "-T", csv.path,
        "\(root)/datasets?name=chunked",
      ])
      #expect(chunked.status == 201)
      let large = folder.appending(path: "large.csv")
      try Data(repeating: 97, count: 3 << 20).write(to: large)
      let refused = try await curl([
        "-X", "POST", "-T", large.path, "\(root)/datasets?name=large&format=csv",
      ])
      #expect(refused.status == 413)
      let slow = Process()
      slow.executableURL = URL(filePath: "/usr/bin/curl")
      slow.arguments = [
        "--silent", "-X", "POST", "-T", "-", "\(root)/datasets?name=broken&format=csv",
      ]
      // A file that has no end as long as this pipe is open.
      let rest = Pipe()
      slow.standardInput = rest
      try slow.run()
      try rest.fileHandleForWriting.write(contentsOf: Data(flowers.utf8))
      let uploads = folder.appending(path: "uploads").path
      _ = try await eventually("an upload under way") {
        (try? FileManager.default.contentsOfDirectory(atPath: uploads))?.first
      }
      kill(slow.processIdentifier, SIGKILL)
      _ = try await eventually("the upload to be dropped") {
        try FileManager.default.contentsOfDirectory(atPath: uploads).isEmpty ? true : nil
      }
      #expect(try await curl(["\(root)/datasets/broken"]).status == 404)

      serve.process.terminate()
      #expect(try await serve.exitCode() == 0)
    }
  }

  private func run(
    _ arguments: [String], in folder: URL
  ) async throws -> (code: Int32, output: String, log: String) {
    let pipe = Pipe()
    let command = try EMCProcess(
      ["datasets"] + arguments + ["--data-directory", folder.appending(path: "data").path], in: folder,
      output: pipe)
    let code = try await command.exitCode()
    try pipe.fileHandleForWriting.close()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    return (code, output, command.log)
  }

  @Test func theCommandLineAddsListsAndRemoves() async throws {
    try await withFolder { folder in
      let csv = folder.appending(path: "flowers.csv")
      try Data(flowers.utf8).write(to: csv)
      let added = try await run(["add", "flowers", csv.path, "--class-column", "-1"], in: folder)
      #expect(added.code == 0, "\(added.log)")
      let entry = try JSONValue(parsing: added.output.utf8)
      #expect(entry["name"] == .string("flowers") && entry["training_samples"] == .integer(60))
      #expect(try await run(["add", "flowers", csv.path], in: folder).code == 0)
      let list = try JSONValue(parsing: try await run(["list", "--json"], in: folder).output.utf8)
      // A list leaves out what was understood of each file.
      guard case .object(var listed) = entry else { throw CocoaError(.coderInvalidValue) }
      for name in ["inferred", "warnings"] { #expect(listed.removeValue(forKey: name) != nil) }
      #expect(list["items"]?.arrayValue?.contains(.object(listed)) == true)
      let table = try await run(["list"], in: folder).output
      #expect(table.contains("flowers") && table.contains("28×28×1"))
      #expect(try await run(["remove", "flowers"], in: folder).code == 0)
      #expect(!(try await run(["list"], in: folder).output.contains("flowers")))
    }
  }

  @Test func removingACatalogueDataSetFreesWhatWasFetched() async throws {
    try await withFolder { folder in
      // As a fetch leaves it: the download and what was decoded of it, with each choice of options.
      let kept = [
        "downloads/covertype/covtype.data.gz", "blocks/covertype.block", "blocks/covertype-test-0.5.block",
      ]
      let others = ["blocks/cifar10.block", "downloads/mnist/train-labels-idx1-ubyte.gz"]
      let data = folder.appending(path: "data")
      for path in kept + others {
        let file = data.appending(path: path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(count: 500_000).write(to: file)
      }
      let removed = try await run(["remove", "covertype"], in: folder)
      #expect(removed.code == 0 && removed.output.isEmpty)
      #expect(removed.log == "freed 1.5 MB\n", "\(removed.log)")
      let exists = { (path: String) in FileManager.default.fileExists(atPath: data.appending(path: path).path)
      }
      #expect(!kept.contains(where: exists) && others.allSatisfy(exists))
      #expect(try await run(["remove", "covertype"], in: folder).code == 2)
    }
  }

  @Test(arguments: [
    (["add", "flowers", "/nowhere.csv"], Int32(2), "/nowhere.csv"),
    (["add", "x", "FILE.bin"], 2, "--format"),
    (["add", "x", "FILE.csv", "--header-rows", "many"], 2, "--header-rows"),
    (["add", "x", "FILE.csv", "--class-column", "none"], 2, "none"),
    (["add", "x", "FILE.csv", "--format", "images", "--width", "8"], 2, "--height"),
    (["add", "mnist", "FILE.csv"], 2, "mnist"), (["add", "x", "FILE.csv", "--format", "npy"], 2, "FILE.csv"),
    (["remove", "x"], 2, "x"), (["remove", "mnist"], 2, "catalogue"), (["fetch", "gaussian"], 2, "mnist"),
    (["fetch", "mnist", "--dataset-mirror", "file:///nowhere"], 1, "/nowhere/mnist"),
  ])
  func wrongUsageIsToldInALine(_ arguments: [String], _ code: Int32, _ says: String) async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "file").path
      for suffix in ["csv", "bin"] { try Data(flowers.utf8).write(to: URL(filePath: "\(file).\(suffix)")) }
      let result = try await run(arguments.map { $0.replacing("FILE", with: file) }, in: folder)
      #expect(result.code == code)
      #expect(result.log.contains(says.replacing("FILE", with: file)), "\(result.log)")
      #expect(result.output.isEmpty && result.log.split(separator: "\n").count == 1)
    }
  }
}
