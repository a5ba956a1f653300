import Datasets
import Foundation
import Testing

@Suite("Images")
struct ImageTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  struct Expected {
    let height: Int
    let width: Int
    let channels: Int
    let pixels: [UInt8]

    init(_ name: String) throws {
      let bytes = try Fixtures.bytes("images/\(name).expected")
      func number(_ place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }
      (height, width, channels) = (number(0), number(4), number(8))
      pixels = Array(bytes[12...])
    }

    var form: ImageForm { ImageForm(height: height, width: width, channels: channels) }
  }

  /// The pixels of the only image of class "a" when `file` is that image.
  func decode(_ file: [UInt8], _ form: ImageForm) throws -> [UInt8] {
    let name = UUID().uuidString
    try folder.write(file, "\(name)/train/a/image.jpg")
    try folder.write(try Fixtures.bytes("images/grey.png"), "\(name)/train/b/other.png")
    let dataset = try library.open(.imageFolder(path: folder.path + "/" + name, form: form))
    let subset = try Samples(dataset)
    return subset.pixels[0]
  }

  @Test(
    "decoded as Pillow decodes: JPEG within rounding, PNG exactly",
    arguments: [
      ("grey.jpg", 1), ("subsampled.jpg", 2), ("progressive.jpg", 2), ("rgb.png", 0), ("grey.png", 0),
      ("palette.png", 0), ("transparent.png", 0), ("cmyk.jpg", 2), ("ycck.jpg", 2), ("interlaced.png", 0),
      ("grey-alpha.png", 0), ("one-bit.png", 0), ("palette-alpha.png", 0),
      // Pillow cuts 16 bits off to 8, libpng rounds them.
      ("rgb16.png", 1), ("grey16.png", 1),
      // Pillow reads none of these as they are: rounded as the specification says.
      ("rgb16-interlaced.png", 0), ("rgba16.png", 0), ("rgba16-interlaced.png", 0), ("grey16-alpha.png", 0),
      ("gamma.png", 0),
    ])
  func likePillow(name: String, tolerance: Int) throws {
    let expected = try Expected(name)
    let pixels = try decode(try Fixtures.bytes("images/\(name)"), expected.form)
    #expect(pixels.count == expected.pixels.count)
    let largest = zip(pixels, expected.pixels).map { abs(Int($0) - Int($1)) }.max()!
    #expect(largest <= tolerance)
  }

  @Test("the image folder's archive: classes by name, samples in order, pixels as Pillow decodes them")
  func sample() throws {
    let form = ImageForm(height: 32, width: 32)
    let path = Fixtures.url.appending(path: "image_folder/sample.tar").path
    let dataset = try library.open(.imageFolder(path: path, form: form))
    #expect(dataset.classes == 10)
    #expect(dataset.count == 30)
    #expect(dataset.count(of: .test) == 0)
    let samples = try Samples(dataset)
    let names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    for (label, name) in names.enumerated() {
      let expected = try Expected("sample-\(name)")
      #expect(samples.labels[3 * label] == Int32(label))
      let differences = zip(samples.pixels[3 * label], expected.pixels).map { abs(Int($0) - Int($1)) }
      #expect(differences.max()! <= 1, "\(name)")
    }
  }

  @Test(
    "resized as Pillow resizes",
    arguments: [
      ("sample-cat-20x13", ImageForm.Fit.stretch), ("sample-cat-50x70", .stretch),
      ("sample-cat-crop-8x16", .crop), ("sample-cat-grey", .stretch),
    ])
  func resized(name: String, fit: ImageForm.Fit) throws {
    let expected = try Expected(name)
    var form = expected.form
    form.fit = fit
    let path = Fixtures.url.appending(path: "image_folder/sample.tar").path
    let samples = try Samples(try library.open(.imageFolder(path: path, form: form)))
    let differences = zip(samples.pixels[9], expected.pixels).map { abs(Int($0) - Int($1)) }
    #expect(differences.max()! <= 1)
  }

  @Test("a truncated or broken image is refused by its name, and nothing is kept")
  func broken() throws {
    let jpeg = try Fixtures.bytes("images/subsampled.jpg")
    let png = try Fixtures.bytes("images/rgb.png")
    let form = ImageForm(height: 8, width: 8)
    for file in [jpeg, png] {
      for length in [0, 1, 2, 3, 10, 30, file.count / 3, file.count / 2, file.count - 40] {
        let error = try datasetError { _ = try decode(Array(file.prefix(length)), form) }
        guard case .malformed(let name, _, _) = error else { throw error }
        #expect(name == "train/a/image.jpg")
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/blocks").isEmpty)
  }

  @Test("an image that claims to be enormous is refused before memory is taken")
  func bomb() throws {
    var png = try Fixtures.bytes("images/rgb.png")
    // Width and height of IHDR, then its checksum made to fit.
    png.replaceSubrange(16..<24, with: bigEndian(60_000) + bigEndian(60_000))
    png.replaceSubrange(29..<33, with: bigEndian(Int(crc(Array(png[12..<29])))))
    let error = try datasetError { _ = try decode(png, ImageForm(height: 8, width: 8)) }
    guard case .limitExceeded = error else { throw error }
  }

  @Test("ImageNet's folder layout, with a flat validation folder and its solution file")
  func imageNetFolder() throws {
    let image = try Fixtures.bytes("images/rgb.png")
    let grey = try Fixtures.bytes("images/grey.png")
    for name in ["n01440764/n01440764_10.JPEG", "n01443537/n01443537_2.JPEG"] {
      try folder.write(image, "imagenet/train/\(name)")
    }
    try folder.write(grey, "imagenet/val/ILSVRC2012_val_00000001.JPEG")
    try folder.write(
      Array("ImageId,PredictionString\nILSVRC2012_val_00000001,n01443537 10 20 30 40 \n".utf8),
      "imagenet/LOC_val_solution.csv")
    let dataset = try library.open(
      .imageNet(path: folder.path + "/imagenet", form: ImageForm(height: 9, width: 7)))
    #expect(dataset.count == 2)
    #expect(try Samples(dataset).pixels[0] == Expected("rgb.png").pixels)
    #expect(try Samples(dataset, .test).labels == [1])
  }

  @Test("ImageNet's training archive: a tar of one tar for each class")
  func imageNetArchive() throws {
    let image = try Fixtures.bytes("images/rgb.png")
    let classes = ["n01440764", "n01443537"].map { name in
      ("\(name).tar", Tar.archive([("\(name)_1.JPEG", image), ("\(name)_2.JPEG", image)]))
    }
    try folder.write(Tar.archive(classes), "imagenet/ILSVRC2012_img_train.tar")
    let dataset = try library.open(
      .imageNet(path: folder.path + "/imagenet", form: ImageForm(height: 9, width: 7)))
    #expect(try Samples(dataset).labels == [0, 0, 1, 1])
    #expect(try Samples(dataset).pixels[3] == Expected("rgb.png").pixels)
  }

  /// A batch as the authors of downsampled ImageNet describe it: `data`, samples × 3·size·size bytes, red plane,
  /// green plane, blue plane; `labels` from 1, 64-bit; `mean`, which nobody needs.
  private func downsampled(_ images: [[UInt8]], _ labels: [Int]) -> [UInt8] {
    func array(_ kind: String, _ shape: String, _ content: [UInt8]) -> [UInt8] {
      let text = Array("{'descr': '\(kind)', 'fortran_order': False, 'shape': (\(shape)), }\n".utf8)
      return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count), 0] + text + content
    }
    let numbers = labels.flatMap { Array(bigEndian($0, bytes: 8).reversed()) }
    return Zip.archive([
      ("data.npy", array("|u1", "\(images.count), \(images[0].count)", images.flatMap { $0 })),
      ("labels.npy", array("<i8", "\(labels.count),", numbers)),
      ("mean.npy", array("|u1", "\(images[0].count),", images[0])),
    ])
  }

  @Test("downsampled ImageNet: batches of planes become interleaved pixels, labels count from 1")
  func downsampledImageNet() throws {
    // 2 × 2 pixels: planes R, G, B.
    let first: [UInt8] = [1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24]
    let interleaved: [UInt8] = [1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24]
    try folder.write(downsampled([first, first.reversed()], [1, 1_000]), "small/train_data_batch_1.npz")
    try folder.write(downsampled([first], [500]), "small/train_data_batch_2.npz")
    try folder.write(downsampled([first.reversed()], [2]), "small/val_data.npz")
    let dataset = try library.open(
      .imageNet(path: folder.path + "/small", form: ImageForm(height: 2, width: 2)))
    #expect(dataset.classes == 1_000)
    #expect(dataset.shape == .image(height: 2, width: 2, channels: 3))
    let (train, test) = (try Samples(dataset), try Samples(dataset, .test))
    #expect(train.labels == [0, 999, 499])
    #expect(train.pixels[0] == interleaved && train.pixels[2] == interleaved)
    #expect(test.labels == [1] && test.pixels[0] == train.pixels[1])
  }

  @Test(
    "downsampled ImageNet of another size, with labels out of range or fewer than images is refused",
    arguments: [(2, [0, 1]), (2, [1, 1_001]), (2, [1]), (3, [1, 2])])
  func faultyDownsampledImageNet(size: Int, labels: [Int]) throws {
    let image = [UInt8](repeating: 7, count: 12)
    try folder.write(downsampled([image, image], labels), "small/train_data_batch_1.npz")
    let error = try datasetError {
      _ = try library.open(
        .imageNet(path: folder.path + "/small", form: ImageForm(height: size, width: size)))
    }
    #expect(error.description.contains("train_data_batch_1.npz"))
  }
}
