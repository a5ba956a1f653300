import Foundation

/// Times as clients write them: RFC 3339 §5.6, or a day alone, which begins in UTC. Foundation's parsers take days and hours that
/// there are not for later ones.
enum RFC3339 {
  /// What is allowed, for errors.
  static let allowed = "a time as in RFC 3339, 2026-01-31T12:00:00Z, or a day, from the year 1600 to 9999"

  /// The moment that a text names; nil for any other text, and for years before the calendar's reform, of whose days calendars differ.
  static func date(_ text: String) -> Date? {
    let pattern = /(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d))?/
    guard text.utf8.count <= 64, let match = text.wholeMatch(of: pattern) else { return nil }
    func number(_ part: Substring?) -> Int { part.flatMap { Int($0) } ?? 0 }
    let (year, month, day) = (number(match.1), number(match.2), number(match.3))
    let (hour, minute, second) = (number(match.4), number(match.5), number(match.6))
    guard year >= 1600, hour < 24, minute < 60, second < 60 else { return nil }
    var offset = 0
    if let zone = match.8, zone.count > 1 {
      let (hours, minutes) = (number(zone.dropFirst().prefix(2)), number(zone.suffix(2)))
      guard hours < 24, minutes < 60 else { return nil }
      offset = (zone.first == "-" ? -60 : 60) * (60 * hours + minutes)
    }
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = .gmt
    let parts = DateComponents(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    guard parts.isValidDate(in: calendar), let date = calendar.date(from: parts) else { return nil }
    let moment = date.addingTimeInterval(Double(match.7.flatMap { Double("0\($0)") } ?? 0) - Double(offset))
    return moment < end ? moment : nil
  }

  /// 10000-01-01T00:00:00Z
  private static let end = Date(timeIntervalSince1970: 253_402_300_800)
}
