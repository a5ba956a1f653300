/// The colours and the style sheet that every figure carries inside: light by default, dark where the reader prefers it,
/// and plain on paper.
///
/// The hues begin with those of Okabe and Ito ("Color universal design", 2008), darkened for a white ground and lightened for
/// a dark one, and stay apart for every kind of colour vision; marks have shapes of their own besides.
package enum FigureStyle {
  /// A colour on a light and on a dark ground.
  package struct Colour: Sendable, Hashable {
    package let light: String
    package let dark: String
  }

  package static let background = Colour(light: "#ffffff", dark: "#15181c")
  package static let text = Colour(light: "#1b1f24", dark: "#e8eaed")
  package static let muted = Colour(light: "#57606a", dark: "#a3abb5")
  static let grid = Colour(light: "#e4e7eb", dark: "#2b3138")
  static let axis = Colour(light: "#8b949e", dark: "#6e7781")

  static let blue = Colour(light: "#0072b2", dark: "#56b4e9")
  static let vermillion = Colour(light: "#d55e00", dark: "#ff8a3d")
  static let green = Colour(light: "#1a9850", dark: "#3fd0a4")
  static let purple = Colour(light: "#9c3d7c", dark: "#e79fca")
  static let grey = Colour(light: "#3f464d", dark: "#f2f3f5")
  /// No one hue stays apart from the others on both grounds: rose on a light one, yellow on a dark one.
  static let warm = Colour(light: "#d96ca3", dark: "#f5d23c")

  /// What tells series apart, in the order in which they are given out.
  package static let series = [blue, vermillion, green, purple, warm, grey]

  /// One rule, for every element that has the class within a figure.
  private static func rules(_ ground: KeyPath<Colour, String>) -> [String] {
    var rules = [
      "{fill:\(text[keyPath: ground])}", ".background{fill:\(background[keyPath: ground])}",
      ".muted{fill:\(muted[keyPath: ground])}", ".halo{stroke:\(background[keyPath: ground])}",
      ".grid{stroke:\(grid[keyPath: ground])}", ".axis{stroke:\(axis[keyPath: ground])}",
      ".reference{stroke:\(muted[keyPath: ground])}",
    ]
    for (index, colour) in series.enumerated() {
      let value = colour[keyPath: ground]
      rules += [
        ".s\(index) .line,.line.s\(index){stroke:\(value)}",
        ".s\(index) .band,.band.s\(index){fill:\(value)}",
        ".s\(index) .solid,.solid.s\(index){fill:\(value);stroke:\(value)}",
        ".s\(index) .hollow,.hollow.s\(index){fill:\(background[keyPath: ground]);stroke:\(value)}",
        "text.s\(index){fill:\(value)}",
      ]
    }
    return rules
  }

  private static func scoped(_ rules: [String]) -> String {
    rules.map { rule in
      let parts = rule.split(separator: "{", maxSplits: 1, omittingEmptySubsequences: false)
      let selectors = parts[0].split(separator: ",", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? ".emc-figure" : ".emc-figure \($0)" }
      return selectors.joined(separator: ",") + "{" + parts[1]
    }.joined(separator: "\n")
  }

  /// All rules begin with the figure's own class, so that figures that stand within a page leave the page alone.
  static let sheet: String = {
    let shapes = scoped([
      "{font-family:Helvetica,Arial,\"Liberation Sans\",sans-serif;font-size:12px;font-variant-numeric:tabular-nums}",
      ".title{font-size:17px;font-weight:bold}", ".heading{font-size:13px;font-weight:bold}",
      ".strong{font-weight:bold}", ".small{font-size:11px}",
      ".middle{text-anchor:middle}", ".end{text-anchor:end}",
      ".halo{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}",
      ".grid{stroke-width:1;fill:none}", ".axis{stroke-width:1;fill:none}",
      ".reference{stroke-width:1;stroke-dasharray:4 3;fill:none}",
      ".line{stroke-width:2;fill:none;stroke-linejoin:round;stroke-linecap:round}",
      ".thin{stroke-width:1.25}", ".thick{stroke-width:3}", ".dashed{stroke-dasharray:6 4}",
      ".band{fill-opacity:.18;stroke:none}", ".solid{stroke-width:1}", ".hollow{stroke-width:1.5}",
      ".faint{opacity:.4}",
    ])
    return """
      \(shapes)
      \(scoped(rules(\.light)))
      @media screen and (prefers-color-scheme:dark){
      \(scoped(rules(\.dark)))
      }
      @media print{
      \(scoped([".background{fill:none}", "{fill:#000}", ".muted{fill:#333}", ".grid{stroke:#ccc}", ".axis{stroke:#000}"]))
      }
      """
  }()
}
