import Capacity
import Resources

extension StudyPresets {
  /// Those that the binary carries inside.
  package static let embedded = StudyPresets(
    texts: EmbeddedFile.files(in: "presets").map(\.text))
}
