/// How an image is brought to the asked size.
public struct ImageForm: Sendable, Hashable {
  /// What happens to images of another shape.
  public enum Fit: String, Sendable, Hashable, CaseIterable, Codable {
    /// The whole image, its sides scaled by themselves.
    case stretch
    /// The largest part of the right shape in the middle.
    case crop
  }

  /// Pixels from top to bottom.
  public var height: Int
  /// Pixels from left to right.
  public var width: Int
  /// 1 for grey (ITU-R 601 luma), 3 for red, green and blue.
  public var channels: Int
  /// What happens to images of another shape.
  public var fit: Fit
  /// Whether images are turned as their EXIF data say. They are not by default, as with Pillow and torchvision.
  public var appliesOrientation = false

  /// A form; sizes from 1 to 4096, channels 1 or 3.
  public init(height: Int, width: Int, channels: Int = 3, fit: Fit = .stretch) {
    self.height = height
    self.width = width
    self.channels = channels
    self.fit = fit
  }

  func validate() throws(DatasetError) {
    guard 1...4_096 ~= height, 1...4_096 ~= width else {
      throw .invalidOption(option: "resolution", value: "\(height)×\(width)", allowed: "1 to 4096")
    }
    guard channels == 1 || channels == 3 else {
      throw .invalidOption(option: "channels", value: "\(channels)", allowed: "1 or 3")
    }
  }
}
