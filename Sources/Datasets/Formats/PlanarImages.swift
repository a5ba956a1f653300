/// Images whose channels are planes and whose planes run down their columns, as MATLAB and STL-10 have them.
enum PlanarImages {
  /// The same pixels as height × width × channels.
  static func interleaved(_ planes: [UInt8], height: Int, width: Int, channels: Int) -> [UInt8] {
    let size = height * width * channels
    precondition(planes.count % size == 0)
    return [UInt8](unsafeUninitializedCapacity: planes.count) { pixels, count in
      for image in stride(from: 0, to: planes.count, by: size) {
        for channel in 0..<channels {
          for column in 0..<width {
            let source = image + (channel * width + column) * height
            for row in 0..<height {
              pixels[image + (row * width + column) * channels + channel] = planes[source + row]
            }
          }
        }
      }
      count = planes.count
    }
  }
}
