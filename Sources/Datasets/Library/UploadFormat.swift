import Foundation

/// What a user's file is and how it is read.
public enum UploadFormat: Sendable, Hashable {
  /// Delimited text, gzip or not.
  case csv(TableOptions)
  /// One two-dimensional NumPy array, gzip or not.
  case npy(ArrayOptions)
  /// NumPy arrays of inputs and labels.
  case npz(ArrayOptions)
  /// A folder, tar (gzip, xz, zstd or not) or zip of images in one of the layouts that `ImageLayout` names.
  case images(ImageForm)
  /// A folder in one of the layouts that `ImageNet` names.
  case imageNet(ImageForm)

  /// The name in listings.
  public var name: String {
    switch self {
    case .csv: "csv"
    case .npy: "npy"
    case .npz: "npz"
    case .images: "images"
    case .imageNet: "imagenet"
    }
  }

  /// The options as text, the same for equal ones.
  var rule: String {
    switch self {
    case .csv(let options):
      return options.rule
    case .npy(let options), .npz(let options):
      let names = [options.inputs, options.labels, options.testInputs, options.testLabels]
      return
        "\(name)/2 \(options.classColumn) \(names.map { $0 ?? "any" }) \(options.channelOrder?.rawValue ?? "any")"
    case .images(let form), .imageNet(let form):
      return "\(name)/2 \(form.height) \(form.width) \(form.channels) \(form.fit.rawValue) "
        + "\(form.appliesOrientation ? "turned" : "stored")"
    }
  }

  /// Writes the block file of `source`; gives what was understood of it.
  @discardableResult
  func decode(
    _ source: String, shownAs name: String? = nil, directory: DataDirectory, limits: DatasetLimits,
    to path: String
  ) throws(DatasetError) -> Inference {
    switch self {
    case .csv(let options):
      let table = try TableFile(source, name: name, options: options, limits: limits)
      return try TableDecoder(train: table, options: options, limits: limits).decode(to: path)
    case .npy(let options):
      let reader = try ByteReader(file: try File(source, .read, shownAs: name), limits: limits)
      return try ArrayDecoder(options: options, limits: limits).decode(npy: reader, to: path)
    case .npz(let options):
      let file = try File(source, .read, shownAs: name)
      return try ArrayDecoder(options: options, limits: limits).decode(npz: file, to: path)
    case .images(let form):
      let files = try ImageFiles(
        contentsOf: source, shownAs: name, temporaryIn: try directory.folder(.blocks), limits: limits)
      let images = try ImageCollection(files, source: name ?? source, limits: limits)
      return try ImageWriter(form: form, limits: limits).write(images, source: name ?? source, to: path)
    case .imageNet(let form):
      return try ImageNet(folder: source, form: form, limits: limits).decode(to: path)
    }
  }
}
