import Foundation
import HTTPServer
import Testing

@Suite struct HTTPDateTests {
  @Test("RFC 9110 §5.6.7: the date of the example")
  func example() {
    #expect(HTTPDate.format(secondsSinceEpoch: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
  }

  @Test("Foundation's calendar agrees over centuries, leap days included")
  func calendar() {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    var random = SeededGenerator(seed: 1)
    // 1970 to 2400; the leap day of 2000, the missing one of 2100, a year's last second.
    let chosen = [0, 951_782_400, 951_868_800, 4_107_542_399, 4_107_542_400, 1_767_225_599]
    for second in chosen + (0..<500).map({ _ in Int.random(in: 0..<13_569_465_600, using: &random) }) {
      let expected = formatter.string(from: Date(timeIntervalSince1970: Double(second)))
      #expect(HTTPDate.format(secondsSinceEpoch: second) == expected)
    }
  }
}
