import Datasets
import Foundation
import Testing

@Suite("Layouts of image folders")
struct ImageLayoutTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary
  let image: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
    image = try Fixtures.bytes("images/grey.png")
  }

  func add(_ path: String) throws -> StoredDataset {
    try library.add(
      name: UUID().uuidString.lowercased(), format: .images(ImageForm(height: 4, width: 4)), contentsOf: path
    ).dataset
  }

  /// A tar of files, all images by content.
  func add(_ names: [String], _ others: [(String, [UInt8])] = []) throws -> StoredDataset {
    try add(folder.write(Tar.archive(names.map { ($0, image) } + others), "\(UUID().uuidString).tar"))
  }

  func summary(_ entry: StoredDataset) -> String {
    "\(entry.classNames!.joined(separator: " ")) \(entry.trainCount)+\(entry.testCount) \(entry.inference!.images!.layout)"
  }

  @Test(
    "splits by their usual names, classes one folder below, whatever lies around or below",
    arguments: [
      (["train/a/1.png", "train/b/2.png", "test/a/3.png"], "a b 2+1 split/class/file"),
      (["Training/a/1.png", "Training/b/2.png", "Testing/b/3.png"], "a b 2+1 split/class/file"),
      (["a/1.png", "b/2.png"], "a b 2+0 class/file"),
      (["photos/a/1.png", "photos/b/2.png"], "a b 2+0 photos/class/file"),
      (["x/y/train/a/1.png", "x/y/train/b/2.png"], "a b 2+0 x/y/split/class/file"),
      (["train/a/s0/1.png", "train/a/s1/2.png", "train/b/s0/3.png"], "a b 3+0 split/class/file"),
      (["a/train/1.png", "a/test/2.png", "b/train/3.png", "b/test/4.png"], "a b 2+2 class/split/file"),
      (["train/a/1.png", "train/b/2.png", "dev/a/3.png"], "a b 2+1 split/class/file"),
      (["train/a/1.png", "train/b/2.png", "valid/a/3.png", "eval/a/4.png"], "a b 2+1 split/class/file"),
      (["car/1.png", "train/2.png"], "car train 2+0 class/file"),
      (["a/train/1.png", "a/train/2.png", "b/train/3.png", "b/val/4.png"], "a b 3+1 class/split/file"),
    ])
  func layouts(names: [String], expected: String) throws {
    #expect(try summary(add(names)) == expected)
  }

  @Test("what is validation and what is test is told; a split that takes another's place is a warning")
  func roles() throws {
    let names = ["train/a/1.png", "train/b/2.png", "val/a/3.png"]
    let replaced = try add(names).inference!
    #expect(
      replaced.images!.splits.map { "\($0.name) \($0.role) \($0.images)" } == [
        "train training 2", "val test 1",
      ])
    #expect(replaced.warnings.contains { $0.kind == .splitReplaced && $0.detail.hasPrefix("val ") })
    let both = try add(names + ["test/b/4.png", "test/b/5.png"]).inference!
    #expect(
      both.images!.splits.map { "\($0.name) \($0.role) \($0.images)" }
        == ["test test 2", "train training 2", "val left_out 1"])
    #expect(both.warnings.contains { $0.kind == .filesLeftOut && $0.detail.contains("1 in val") })
    #expect(!both.warnings.contains { $0.kind == .splitReplaced })
  }

  @Test(
    "layouts with more than one reading, or none, are refused with the reason",
    arguments: [
      (["train/a/1.png", "car/2.png", "plane/3.png"], "two readings"),
      (["a/train/1.png", "a/test/2.png", "b/3.png"], "two readings"),
      (["train/a/1.png", "train/b/1.png", "training/a/1.png"], "train and training"),
      (["train/a/1.png", "train/b/1.png", "test/a/1.png", "testing/b/1.png"], "test and testing"),
      (["test/a/1.png", "test/b/1.png"], "no training split"),
      (["cat.1.png", "dog.2.png"], "in a folder"), (["train/a/1.png"], "single class"),
      (["images/1.png", "images/2.png", "labels.csv"], "names the classes of images isn't read"),
      (["a/1.txt"], "no images"), (["x.npy", "y.npy"], "2 .npy"),
      // Splits without classes, and splits that are called something else.
      (["train/cat.0.png", "train/dog.1.png", "test1/1.png"], "look like splits"),
      (["images/train/1.png", "images/val/2.png"], "look like splits"),
      (["seg_train/a/1.png", "seg_train/b/2.png", "seg_test/a/3.png"], "look like splits"),
      (["train2017/a/1.png", "val2017/a/2.png"], "look like splits"),
    ])
  func refused(names: [String], words: String) throws {
    #expect(try datasetError { _ = try add(names) }.description.contains(words))
  }

  @Test(
    "folders that every class has are told: they may be the classes, or hold something else",
    arguments: [
      ["cat/images/1.png", "cat/masks/1.png", "dog/images/1.png", "dog/masks/1.png"],
      ["fold1/a/1.png", "fold1/b/2.png", "fold2/a/3.png", "fold2/b/4.png"],
      ["train/cat/images/1.png", "train/cat/masks/1.png", "train/dog/images/1.png", "train/dog/masks/1.png"],
    ])
  func sharedFolders(names: [String]) throws {
    let told = try add(names).inference!.warnings.filter { $0.detail.contains("taken for parts of it") }
    #expect(told.count == 1 && told[0].kind == .inferred)
    for folder in Set(names.map { $0.split(separator: "/").dropLast().last! }) {
      #expect(told.first?.detail.contains(folder) == true)
    }
    // Sessions that differ, and one folder in each class, say nothing.
    for others in [["a/s0/1.png", "a/s1/2.png", "b/s0/3.png"], ["a/images/1.png", "b/images/2.png"]] {
      #expect(try !add(others).inference!.warnings.contains { $0.detail.contains("taken for parts") })
    }
  }

  @Test("an empty file, and one that is cut off before its size, are named as such")
  func cutImages() throws {
    let jpeg = try Fixtures.bytes("images/grey.jpg")
    func reason(_ bytes: [UInt8]) throws -> String {
      try datasetError { _ = try add(["a/1.png", "b/2.png"], [("b/3.jpg", bytes)]) }.description
    }
    #expect(try reason([]).contains("b/3.jpg: the file is empty"))
    for count in stride(from: 4, to: 300, by: 37) {
      let words = try reason(Array(jpeg.prefix(count)))
      #expect(words.contains("b/3.jpg") && words.contains("corrupt"), "\(count): \(words)")
    }
  }

  @Test("a test split without classes gives way to validation, and both are told")
  func unlabelledTest() throws {
    let entry = try add([
      "train/a/1.png", "train/b/2.png", "val/b/3.png", "test/4.png", "test/5.png",
    ])
    #expect(summary(entry) == "a b 2+1 split/class/file")
    #expect(entry.inference!.images!.leftOut.contains { $0.kind.contains("test") && $0.files == 2 })
  }

  @Test("Tiny ImageNet: a folder images in every class, a file that names the classes of validation images")
  func tinyImageNet() throws {
    let names =
      ["n1", "n2"].flatMap { name in
        (0..<2).map { "tiny-imagenet-200/train/\(name)/images/\(name)_\($0).JPEG" }
      }
      + (0..<3).map { "tiny-imagenet-200/val/images/val_\($0).JPEG" }
      + (0..<4).map { "tiny-imagenet-200/test/images/test_\($0).JPEG" }
    let annotations = "val_0.JPEG\tn2\t0\t0\t9\t9\nval_1.JPEG\tn1\t0\t0\t9\t9\nval_2.JPEG\tn2\t0\t0\t9\t9\n"
    let entry = try add(names, [("tiny-imagenet-200/val/val_annotations.txt", Array(annotations.utf8))])
    #expect(summary(entry) == "n1 n2 4+3 tiny-imagenet-200/split/class/file")
    #expect(try Samples(try library.open(digest: entry.digest), .test).labels == [1, 0, 1])
    #expect(entry.inference!.images!.splits.map(\.role) == ["left_out", "training", "test"])
    let short = annotations.split(separator: "\n").dropLast().joined(separator: "\n")
    let error = try datasetError {
      _ = try add(names, [("tiny-imagenet-200/val/val_annotations.txt", Array(short.utf8))])
    }
    #expect(error.description.contains("no class for val_2.JPEG"))
  }

  @Test("what is left out is counted by kind, and a class of which nothing is read is named")
  func leftOut() throws {
    let entry = try add(
      ["train/a/1.png", "train/b/2.png", "train/b/._2.png", "__MACOSX/train/b/2.png"],
      [
        ("train/c/1.heic", [1]), ("train/c/2.heic", [1]), ("train/a/notes.txt", [1]), ("train/a/README", [1]),
        ("train/.DS_Store", [1]),
      ])
    #expect(
      entry.inference!.images!.leftOut.map { "\($0.files) \($0.kind)" }
        == ["2 .heic", "1 .txt", "3 hidden", "1 without ending"])
    #expect(
      entry.inference!.warnings.contains { $0.detail.contains("folder c") && $0.detail.contains("2 .heic") })
  }

  @Test("links inside a folder are followed, files and folders; those that lead out are refused")
  func links() throws {
    let root = folder.path + "/linked"
    for name in ["train/a/1.png", "train/a/2.png", "train/b/3.png", ".pool/deep/4.png"] {
      try folder.write(image, "linked/\(name)")
    }
    let manager = FileManager.default
    func link(_ name: String, to target: String) throws {
      try manager.createSymbolicLink(atPath: "\(root)/\(name)", withDestinationPath: target)
    }
    try link("train/a/linked.png", to: "../../.pool/deep/4.png")
    try link("train/b/more", to: root + "/.pool/deep")
    try link("train/b/loop", to: "..")
    try link("train/b/gone.png", to: "nowhere.png")
    let entry = try add(root)
    #expect(summary(entry) == "a b 5+0 split/class/file")
    #expect(entry.inference!.images!.leftOut.contains { $0.kind == "link" && $0.files == 2 })

    try folder.write(image, "outside/secret.png")
    try link("train/a/out.png", to: folder.path + "/outside/secret.png")
    let error = try datasetError { _ = try add(root) }
    #expect(error.description.contains("train/a/out.png") && error.description.contains("outside the folder"))
  }
}
