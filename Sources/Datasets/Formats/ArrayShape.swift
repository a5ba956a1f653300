import Compute

/// What one sample of an array is: a row of features, or an image and where its channels stand.
struct ArrayShape: Hashable {
  let sample: SampleShape
  /// Nil for rows of features and images without a dimension for channels.
  let channels: ArrayOptions.ChannelOrder?

  /// Features (samples × features), grey images (samples × height × width), or images of 1 to 4 channels that stand
  /// first or last.
  ///
  /// Throws `malformed` for other shapes, and where both orders of channels are possible and no option says which.
  init(_ reader: NPYReader, _ order: ArrayOptions.ChannelOrder?) throws(DatasetError) {
    let sizes = reader.header.shape
    func refuse(_ reason: String) -> DatasetError {
      .malformed(file: reader.name, place: .wholeFile, reason: "an array of shape \(sizes)" + reason)
    }
    guard reader.header.kind.isNumeric else {
      throw .malformed(
        file: reader.name, place: .wholeFile,
        reason: "inputs of type '\(reader.header.type)': needed are numbers")
    }
    guard sizes.allSatisfy({ 1...1 << 40 ~= $0 }), sizes.dropFirst().allSatisfy({ $0 <= 1 << 20 }) else {
      throw refuse("; every size is at least 1, and those behind the first at most \(1 << 20)")
    }
    let hint =
      "; allowed are samples × features, samples × height × width and images of 1 to 4 channels, samples × height "
      + "× width × channels or samples × channels × height × width"
    switch sizes.count {
    case 1: throw refuse(hint + "; a single feature is array.reshape(-1, 1)")
    case 2: (sample, channels) = (.features(sizes[1]), nil)
    case 3: (sample, channels) = (.image(height: sizes[1], width: sizes[2], channels: 1), nil)
    case 4:
      let possible = ArrayOptions.ChannelOrder.allCases.filter { sizes[$0 == .first ? 1 : 3] <= 4 }
      guard let only = order ?? possible.first, possible.contains(only) else {
        throw refuse(
          order == nil ? hint : ", whose channels aren't \(order!.rawValue): there are 1 to 4 of them")
      }
      guard order != nil || possible.count == 1 else {
        throw refuse(
          ", whose channels may stand first or last: set the option channel_order to first or last")
      }
      sample =
        only == .first
        ? .image(height: sizes[2], width: sizes[3], channels: sizes[1])
        : .image(height: sizes[1], width: sizes[2], channels: sizes[3])
      channels = only
    default: throw refuse(hint)
    }
  }

  /// Rows with their channels where block files have them.
  func channelsLast<Value>(_ values: [Value]) -> [Value] {
    guard channels == .first, case .image(let height, let width, let channels) = sample, channels > 1 else {
      return values
    }
    let plane = height * width
    return [Value](unsafeUninitializedCapacity: values.count) { result, count in
      for row in stride(from: 0, to: values.count, by: plane * channels) {
        for channel in 0..<channels {
          for pixel in 0..<plane {
            (result.baseAddress! + row + pixel * channels + channel).initialize(
              to: values[row + channel * plane + pixel])
          }
        }
      }
      count = values.count
    }
  }
}
