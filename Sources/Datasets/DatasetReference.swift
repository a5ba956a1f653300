/// Which data set: a catalogue entry with its options, files of the user's own, or a stored data set.
public enum DatasetReference: Sendable, Hashable {
  /// Standard normal inputs, random labels; generated, any size.
  case gaussian(dimensions: Int, classes: Int)
  /// Smooth class images plus noise; generated, any size.
  case prototypes(PrototypeOptions)
  /// Normal inputs labelled by a random network; generated, any size.
  case teacher(TeacherOptions)
  /// Handwritten digits, 28 × 28, 10 classes, 60,000 + 10,000.
  case mnist
  /// Pieces of clothing in MNIST's form.
  case fashionMNIST
  /// Cursive Japanese characters in MNIST's form.
  case kmnist
  /// Small photographs, 32 × 32 × 3, 10 classes, 50,000 + 10,000.
  case cifar10
  /// Small photographs, 32 × 32 × 3, 100 fine or 20 coarse classes, 50,000 + 10,000.
  case cifar100(CIFAR100Labels)
  /// Forest Cover Type, 54 features, 7 classes; a share of the rows may be held out as test split.
  case covertype(testFraction: Double = 0)
  /// Adult Income, 2 classes, 32,561 + 16,281.
  case adult
  /// Default of Credit Card Clients, 2 classes, 30,000; a share of the rows may be held out as test split.
  case credit(testFraction: Double = 0)
  /// Another published data set.
  case further(FurtherDataset)
  /// ImageNet in a local folder, in the layouts that `ImageNet` names.
  case imageNet(path: String, form: ImageForm)
  /// A folder or tar of images `<split>/<class>/<file>`: an absolute path, or a file of the mirror's
  /// `image_folder`.
  case imageFolder(path: String, form: ImageForm)
  /// A delimited text file on this machine.
  case table(path: String, options: TableOptions)
  /// An `.npy` or `.npz` file on this machine.
  case arrays(path: String, options: ArrayOptions)
  /// A data set that was added to the library under a name.
  case stored(name: String)

  /// The name in specifications and in the catalogue.
  public var name: String {
    switch self {
    case .gaussian: "gaussian"
    case .prototypes: "prototypes"
    case .teacher: "teacher"
    case .mnist: "mnist"
    case .fashionMNIST: "fashion_mnist"
    case .kmnist: "kmnist"
    case .cifar10: "cifar10"
    case .cifar100: "cifar100"
    case .covertype: "covertype"
    case .adult: "adult"
    case .credit: "credit"
    case .further(let dataset): dataset.name
    case .imageNet: "imagenet"
    case .imageFolder: "image_folder"
    case .table: "csv"
    case .arrays(let path, _): path.lowercased().hasSuffix(".npz") ? "npz" : "npy"
    case .stored(let name): name
    }
  }
}
