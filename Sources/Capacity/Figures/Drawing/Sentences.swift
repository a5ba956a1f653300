extension String {
  /// The text in sentences: each ends with a full stop that a blank follows. A point within a number ends none.
  var sentences: [String] {
    var sentences: [String] = []
    var sentence = ""
    for word in split(separator: " ").map(String.init) {
      sentence = sentence.isEmpty ? word : "\(sentence) \(word)"
      if word.hasSuffix(".") {
        sentences.append(sentence)
        sentence = ""
      }
    }
    return sentence.isEmpty ? sentences : sentences + [sentence]
  }
}

extension TextMetrics {
  /// The lines of as many sentences from the beginning as fit into `limit` of them; where not even the first does, it ends
  /// in an ellipsis.
  func sentenceLines(_ text: String, width: Double, limit: Int) -> [String] {
    let sentences = text.sentences
    guard !sentences.isEmpty else { return [] }
    let fitting = sentences.indices.last { end in
      lines(sentences[...end].joined(separator: " "), width: width, limit: .max).count <= limit
    }
    return lines(sentences[...(fitting ?? 0)].joined(separator: " "), width: width, limit: limit)
  }
}
