import Datasets
import Foundation
import Testing

@Suite("Kinds of images")
struct ImageKindTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  /// Adds a folder of two classes, the first of which is `files`.
  func add(_ files: [String: [UInt8]], _ form: ImageForm) throws -> (StoredDataset, Samples) {
    let name = UUID().uuidString.lowercased()
    for (file, bytes) in files { try folder.write(bytes, "\(name)/train/a/\(file)") }
    try folder.write(try Fixtures.bytes("images/grey.png"), "\(name)/train/b/other.png")
    let entry = try library.add(
      name: name, format: .images(form), contentsOf: "\(folder.path)/\(name)"
    ).dataset
    return (entry, try Samples(try library.open(.stored(name: name))))
  }

  /// What Pillow makes of each, at its size.
  static let exact = [
    "lossless.webp", "alpha.webp", "animated.webp", "plain.gif", "interlaced.gif", "animated.gif", "grey.gif",
    "transparent.gif", "part.gif", "part-transparent.gif", "beyond.gif", "colour.bmp", "palette.bmp",
    "grey.bmp",
    "one-bit.bmp", "alpha.bmp", "top-down.bmp", "old.bmp", "four-bits.bmp", "fifteen-bits.bmp",
    "sixteen-bits.bmp",
    "masks.bmp", "raw.tif", "tiff_lzw.tif", "tiff_adobe_deflate.tif", "packbits.tif", "grey.tif", "alpha.tif",
    "palette.tif", "one-bit.tif", "grey16.tif", "pages.tif", "big-endian.tif", "white-is-zero.tif",
    "grey16-big-endian.tif",
  ]

  @Test("decoded as Pillow decodes, bit for bit", arguments: exact)
  func exactly(name: String) throws {
    let expected = try ImageTests.Expected(name)
    let (entry, samples) = try add([name: try Fixtures.bytes("images/\(name)")], expected.form)
    #expect(samples.pixels[0] == expected.pixels)
    let kind = ["tif": "tiff"][String(name.split(separator: ".")[1])] ?? String(name.split(separator: ".")[1])
    #expect(entry.inference?.images?.kinds.contains { $0.kind == kind && $0.files == 1 } == true)
  }

  @Test(
    "decoded as Pillow decodes, within the rounding of another colour transform",
    arguments: [("lossy.webp", 0), ("jpeg.tif", 2), ("cmyk.tif", 1)])
  func nearly(name: String, tolerance: Int) throws {
    let expected = try ImageTests.Expected(name)
    let (_, samples) = try add([name: try Fixtures.bytes("images/\(name)")], expected.form)
    let differences = zip(samples.pixels[0], expected.pixels).map { abs(Int($0) - Int($1)) }
    #expect(samples.pixels[0].count == expected.pixels.count && differences.max()! <= tolerance)
  }

  @Test("a kind is seen in the bytes, whatever the name says; smallest and largest are told")
  func byContent() throws {
    let files = try [
      "x.jpg": "colour.bmp", "y.png": "plain.gif", "z.gif": "rgb.png", "w.bmp": "lossy.webp",
    ].mapValues { try Fixtures.bytes("images/\($0)") }
    let (entry, _) = try add(files, ImageForm(height: 4, width: 4))
    #expect(
      entry.inference?.images?.kinds.map { "\($0.files) \($0.kind)" } == [
        "2 png", "1 webp", "1 bmp", "1 gif",
      ])
    #expect(entry.inference?.images?.largest == [13, 11])
  }

  @Test("what can't be read is refused by the image's name, with the reason")
  func refused() throws {
    var runLength = try Fixtures.bytes("images/grey.bmp")
    runLength[30] = 1
    for (name, bytes, words) in [
      ("float.tif", try Fixtures.bytes("images/float.tif"), "32-bit"),
      ("run.bmp", runLength, "save it as PNG"),
      ("text.png", Array("no image at all".utf8), "jpeg, png, webp, bmp, gif, tiff"),
      ("empty.gif", [], "is empty"),
    ] {
      let error = try datasetError { _ = try add([name: bytes], ImageForm(height: 4, width: 4)) }
      #expect(error.description.contains(words) && error.description.contains("train/a/\(name)"), "\(error)")
    }
  }

  @Test(
    "an image cut anywhere is refused",
    arguments: [
      "lossy.webp", "lossless.webp", "plain.gif", "colour.bmp", "palette.bmp", "raw.tif", "tiff_lzw.tif",
    ])
  func cut(name: String) throws {
    let bytes = try Fixtures.bytes("images/\(name)")
    // The closing byte of a GIF, and of its last empty block, hold nothing of the image.
    let end = name.hasSuffix("gif") ? bytes.count - 3 : bytes.count - 1
    for length in Set(stride(from: 0, to: end, by: max(1, end / 23))).union([end]) {
      let error = try datasetError {
        _ = try add([name: Array(bytes.prefix(length))], ImageForm(height: 4, width: 4))
      }
      guard case .malformed = error else { throw error }
    }
  }

  @Test("what claims to be enormous is refused before memory is taken")
  func bombs() throws {
    func little(_ value: Int, _ count: Int) -> [UInt8] { bigEndian(value, bytes: count).reversed() }
    var bmp = try Fixtures.bytes("images/colour.bmp")
    bmp.replaceSubrange(18..<26, with: little(60_000, 4) + little(60_000, 4))
    var gif = try Fixtures.bytes("images/plain.gif")
    gif.replaceSubrange(6..<10, with: [0xff, 0xff, 0xff, 0xff])
    var tiff = try Fixtures.bytes("images/big-endian.tif")
    // Width and length of the directory behind the pixels, as 32-bit numbers.
    let start = 8 + 13 * 11 + 2
    for entry in 0..<2 {
      tiff.replaceSubrange(
        start + 12 * entry + 2..<start + 12 * entry + 12, with: [0, 4, 0, 0, 0, 1] + bigEndian(60_000))
    }
    for (name, bytes) in [("a.bmp", bmp), ("a.gif", gif), ("a.tif", tiff)] {
      let error = try datasetError { _ = try add([name: bytes], ImageForm(height: 4, width: 4)) }
      guard case .limitExceeded = error else { throw error }
    }
  }

  @Test(
    "EXIF's orientation is applied where asked for, as Pillow's exif_transpose does",
    arguments: (1...8).map { "orientation-\($0).jpg" } + [
      "orientation-6.png", "orientation-6.webp", "orientation-6.tif",
    ])
  func orientation(name: String) throws {
    let bytes = try Fixtures.bytes("images/\(name)")
    let expected = try ImageTests.Expected(name)
    var form = expected.form
    form.appliesOrientation = true
    let (_, turned) = try add([name: bytes], form)
    #expect(zip(turned.pixels[0], expected.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 2 })
    // As it is stored otherwise, which is told.
    let (entry, stored) = try add([name: bytes], ImageForm(height: 13, width: 11))
    let plain = try ImageTests.Expected(name.hasSuffix("jpg") ? "orientation-1.jpg" : "pages.tif")
    #expect(zip(stored.pixels[0], plain.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 2 })
    let isTold = entry.inference?.warnings.contains { $0.detail.contains("exif_orientation") } == true
    #expect(isTold == !name.contains("-1."))
  }
}
