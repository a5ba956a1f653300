import ArgumentParser
import Capacity
import Datasets
import Foundation
import Service

/// `emc datasets`: the catalogue and the user's own data sets of a data directory.
struct DatasetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datasets", abstract: "List, add, show, fetch and remove data sets.",
    subcommands: [List.self, Add.self, Show.self, Fetch.self, Remove.self])

  /// `emc datasets list`
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the catalogue and what was added.")

    @Flag(help: "JSON, as GET /v1/datasets answers.")
    var json = false

    @OptionGroup var data: DataOptions

    func run() throws {
      let library = data.library
      let catalogue = Catalogue.entries.map { $0.json(cached: library.isCached($0)) }
      let items = try library.stored().map(\.json) + catalogue
      guard !json else { return Console.show(.object(["items": .array(items)])) }
      Console.show(Self.row("name", "kind", "shape", "classes", "training", "test"))
      Console.show(items.map { Self.row($0) })
    }

    private static func row(_ item: JSONValue) -> String {
      let shape = item["shape"]?.arrayValue?.map { $0.text() }.joined(separator: "×")
      let number = { (name: String) in item[name]?.integerValue.map { String($0) } ?? "–" }
      return row(
        item["name"]?.stringValue ?? "", item["kind"]?.stringValue ?? "", shape ?? "–", number("classes"),
        number("training_samples"), number("test_samples"))
    }

    private static func row(_ columns: String...) -> String {
      zip(columns, [24, 12, 14, 10, 12, 8]).map { text, width in
        text + String(repeating: " ", count: max(1, width - text.count))
      }.joined().trimmingCharacters(in: .whitespaces)
    }
  }

  /// `emc datasets add`
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a file or folder under a name that specifications can use.",
      discussion: """
        csv: delimited text. npy, npz: NumPy arrays. images: a folder, tar (plain, .gz, .xz, .zst) or zip \
        <split>/<class>/<file>, <class>/<file> or <class>/<split>/<file>. imagenet: a folder in one of ImageNet's layouts. The description goes to standard output as JSON.

        It says what was understood of the file; where that isn't certain the file is refused with the option that decides: a message's \
        header_rows is --header-rows here. docs/data.md has an example of each kind of file.
        """)

    @Argument(help: "The name: 1 to 64 of a-z, 0-9, _ and -.")
    var name: String

    @Argument(help: ArgumentHelp("The file or folder.", valueName: "file"))
    var path: String

    @Option(help: "csv, npy, npz, images or imagenet; default: as the file's name says.")
    var format: String?

    @Flag(help: "Say what would be added, and keep nothing.")
    var dryRun = false

    @OptionGroup var options: FileOptions

    @OptionGroup var data: DataOptions

    func run() throws {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw WrongUsage(description: "there is no file or folder \(path)")
      }
      guard let format = format ?? UploadFormat.name(ofFile: path, isFolder: isFolder.boolValue) else {
        if let refusal = UploadFormat.refusal(ofFile: path) {
          throw WrongUsage(description: "\(path): \(refusal)")
        }
        throw WrongUsage(
          description: "--format is needed, since the name \(path) doesn't say it; allowed: one of "
            + UploadFormat.names.joined(separator: ", "))
      }
      do {
        let format = try UploadFormat(name: format, options: options.texts)
        Console.show(
          try data.library.add(name: name, format: format, contentsOf: path, isDryRun: dryRun)
            .dataset.detailedJSON)
      } catch let error as ParametersError {
        throw WrongUsage(
          description: error.faults.map { fault in
            let flag = "--" + fault.parameter.replacing("_", with: "-")
            return "\(flag)\(fault.value.map { " (\($0))" } ?? "") \(fault.detail); allowed: \(fault.allowed)"
          }.joined(separator: "\n"))
      } catch let error as DatasetError {
        if case .directoryNotWritable = error { throw error }
        throw WrongUsage(description: error.description)
      }
    }
  }

  /// `emc datasets show`
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show samples of a data set as they were decoded, with their labels and class counts.",
      discussion:
        "JSON goes to standard output, as GET /v1/datasets/{name}/preview answers. Images are PNG in base64.")

    @Argument(help: "The name that it was added under, or that of a fetched one in the catalogue.")
    var name: String

    @Option(help: "How many samples, from the first on.")
    var rows = 5

    @Option(help: "train or test.")
    var split = "train"

    @OptionGroup var data: DataOptions

    func run() throws {
      guard 0...DatasetPreview.limit ~= rows else {
        throw WrongUsage(
          description: "--rows (\(rows)) is out of range; allowed: 0 to \(DatasetPreview.limit)")
      }
      guard let part = Split(rawValue: split) else {
        throw WrongUsage(description: "--split (\(split)) is no split; allowed: train or test")
      }
      do throws(DatasetError) {
        Console.show(try data.library.preview(name: name, rows: rows, split: part).json)
      } catch .unknownDataset {
        throw WrongUsage(
          description: Catalogue.entry(named: name)?.published != nil
            ? "\(name) is not on this machine yet: emc datasets fetch \(name)"
            : "there is no added data set \(name); emc datasets list shows what there is")
      }
    }
  }

  /// `emc datasets fetch`
  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetch and decode a published data set ahead of its first use.",
      discussion: "Progress goes to standard error.")

    @Argument(help: "The name in the catalogue.")
    var name: String

    @OptionGroup var data: DataOptions

    func run() throws {
      guard let reference = Catalogue.entry(named: name)?.published else {
        let names = Catalogue.entries.filter { $0.published != nil }.map(\.name)
        throw WrongUsage(
          description: "\(name) is not published anywhere; allowed: one of \(names.joined(separator: ", "))")
      }
      let progress = FetchDisplay()
      _ = try data.library.open(reference, progress: { progress.show($0) })
    }
  }

  /// `emc datasets remove`
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove a data set that was added, or what was fetched of one in the catalogue.",
      discussion: """
        Jobs of a service that still need an added one fail; the service's DELETE refuses while there are any. One \
        of the catalogue is fetched anew when it is next used; for csv, npy, npz, image_folder and imagenet, what \
        was decoded of local files goes.
        """)

    @Argument(help: "The name that it was added under, or that of the catalogue.")
    var name: String

    @OptionGroup var data: DataOptions

    func run() throws {
      do throws(DatasetError) {
        guard Catalogue.names.contains(name) else { return try data.library.remove(name: name) }
        let freed = try data.library.removeFetched(name: name)
        guard freed > 0 else { throw DatasetError.unknownDataset(name: name) }
        Console.report("freed \(freed.formatted(.byteCount(style: .file)))")
      } catch .unknownDataset {
        throw WrongUsage(
          description: Catalogue.names.contains(name)
            ? "\(name) belongs to the catalogue and nothing of it is kept here"
            : "there is no added data set \(name); emc datasets list shows what there is")
      }
    }
  }
}

/// How a file is read.
struct FileOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "csv, npy: the column with the class, by name or by position from 0, negative from the last [-1].")
  var classColumn: String?

  @Option(
    help: ArgumentHelp(
      "csv: numeric, categorical, boolean, date or ignored instead of what is inferred; repeatable.",
      valueName: "column=type"))
  var columnType: [String] = []

  @Option(help: "csv: one character [inferred].")
  var delimiter: String?

  @Option(help: "csv: rows before the data, the last of which names the columns [inferred].")
  var headerRows: String?

  @Option(help: "csv: the share of rows held out as test split [0].")
  var testFraction: String?

  @Option(help: "csv: utf-8, utf-16le, utf-16be, latin-1 or windows-1252 [by its byte order mark, or utf-8].")
  var encoding: String?

  @Option(help: "csv: . or , before decimals [inferred].")
  var decimalMark: String?

  @Option(help: "csv: between thousands: a comma, a point, a space, ' or _ [none, or inferred].")
  var thousands: String?

  @Option(help: "csv: the character that begins lines which aren't data [# above the header].")
  var comment: String?

  @Option(
    help: ArgumentHelp(
      "csv: a word that means a missing value, beside those of pandas and ?; repeatable.", valueName: "word"))
  var missingValues: [String] = []

  @Option(
    help:
      "csv: what becomes of missing numbers: mean, mean_with_indicator, median, drop_row or refuse [mean].")
  var missing: String?

  @Option(
    help: ArgumentHelp(
      "csv: what becomes of missing categories: category, most_frequent, drop_row or refuse [category, or as missing]."
    ))
  var missingCategories: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("csv: a column to leave out, by name or position; repeatable.", valueName: "column"))
  var ignoreColumns: [String] = []

  @Option(
    help: ArgumentHelp(
      "csv: a word that is a class although it reads as missing, such as NA; repeatable.", valueName: "word"))
  var classValues: [String] = []

  @Option(help: "npz: the array of inputs [inferred].")
  var inputs: String?

  @Option(help: "npz: the array of labels [inferred].")
  var labels: String?

  @Option(help: "npz: the array of the test split's inputs [inferred].")
  var testInputs: String?

  @Option(help: "npz: the array of the test split's labels [inferred].")
  var testLabels: String?

  @Option(
    help: "npz: first or last, where the channels of images stand [inferred where one reading is possible].")
  var channelOrder: String?

  @Option(help: "images, imagenet: pixels from top to bottom.")
  var height: String?

  @Option(help: "images, imagenet: pixels from left to right.")
  var width: String?

  @Option(help: "images, imagenet: 1 for grey, 3 for colour [3].")
  var channels: String?

  @Option(help: "images, imagenet: stretch or crop [stretch].")
  var fit: String?

  @Option(help: "images, imagenet: apply or ignore how cameras noted that an image is turned [ignore].")
  var exifOrientation: String?

  /// The options that were given, as the API names them.
  var texts: [(name: String, value: String)] {
    let single = [
      ("class_column", classColumn), ("delimiter", delimiter), ("header_rows", headerRows),
      ("test_fraction", testFraction), ("encoding", encoding), ("decimal_mark", decimalMark),
      ("thousands", thousands),
      ("comment", comment), ("missing", missing), ("missing_categories", missingCategories),
      ("inputs", inputs), ("labels", labels), ("height", height),
      ("width", width), ("channels", channels), ("fit", fit),
      ("test_inputs", testInputs), ("test_labels", testLabels), ("channel_order", channelOrder),
      ("exif_orientation", exifOrientation),
    ]
    return single.compactMap { name, value in value.map { (name, $0) } }
      + columnType.map { ("column_type", $0) } + missingValues.map { ("missing_values", $0) }
      + ignoreColumns.map { ("ignore_columns", $0) } + classValues.map { ("class_values", $0) }
  }
}
