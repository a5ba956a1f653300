/// The SQL of `JobStore` on the jobs of a filter. Its texts are put together from the parts that stand here; what comes from
/// outside is bound.
enum JobListStatements {
  static func page(
    _ filter: JobFilter, _ order: JobOrder, isDescending: Bool, after cursor: JobCursor?, limit: Int
  ) -> (Statement, [(any DatabaseEncodable)?]) {
    var conditions = JobConditions(filter)
    let key = order.key(filter)
    if let condition = order.condition { conditions.add(condition) }
    let (direction, comparison) = isDescending ? ("DESC", "<") : ("ASC", ">")
    if let cursor {
      let sequence = "\(conditions.bind(cursor.sequence))::bigint"
      if let key {
        let value = "\(conditions.bind(cursor.key ?? ""))::\(key.type)"
        conditions.add("(\(key.expression), sequence) \(comparison) (\(value), \(sequence))")
      } else {
        conditions.add("sequence \(comparison) \(sequence)")
      }
    }
    let place = conditions.bind(limit)
    let ordering = (key.map { "\($0.expression) \(direction), " } ?? "") + "sequence \(direction)"
    let statement = Statement(
      "list jobs",
      """
      SELECT *, \(key.map { "(\($0.expression))::text" } ?? "NULL::text") AS cursor_key FROM jobs
      WHERE \(conditions.text) ORDER BY \(ordering) LIMIT \(place)::bigint
      """, isPrepared: false)
    return (statement, conditions.parameters)
  }

  static func count(_ filter: JobFilter) -> (Statement, [(any DatabaseEncodable)?]) {
    let conditions = JobConditions(filter)
    return (
      Statement(
        "count jobs", "SELECT count(*) AS count FROM jobs WHERE \(conditions.text)", isPrepared: false),
      conditions.parameters
    )
  }

  /// In the order of submission, so that two who lock many can't wait for each other. Not `FOR UPDATE`, as an advance's lock.
  static func lock(_ filter: JobFilter) -> (Statement, [(any DatabaseEncodable)?]) {
    let conditions = JobConditions(filter)
    return (
      Statement(
        "lock jobs", "SELECT id FROM jobs WHERE \(conditions.text) ORDER BY sequence FOR NO KEY UPDATE",
        isPrepared: false),
      conditions.parameters
    )
  }

  /// Jobs that have ended after a version and up to another, in the order in which they ended.
  static func ended(
    _ filter: JobFilter, after version: Int64, upTo last: Int64, limit: Int
  ) -> (Statement, [(any DatabaseEncodable)?]) {
    var conditions = JobConditions(filter)
    conditions.add("state IN ('succeeded', 'failed', 'cancelled')")
    conditions.add("version > \(conditions.bind(version))::bigint")
    conditions.add("version <= \(conditions.bind(last))::bigint")
    let place = conditions.bind(limit)
    return (
      Statement(
        "list ended jobs",
        "SELECT * FROM jobs WHERE \(conditions.text) ORDER BY version LIMIT \(place)::bigint",
        isPrepared: false),
      conditions.parameters
    )
  }
}

extension JobOrder {
  /// What is compared, with the type of its text in a cursor; nil: the sequence alone.
  fileprivate func key(_ filter: JobFilter) -> (expression: String, type: String)? {
    switch self {
    // By the index of the range, where there is one.
    case .created where filter.createdFrom != nil || filter.createdBefore != nil:
      ("created_at", "timestamptz")
    case .created: nil
    case .finished: ("finished_at", "timestamptz")
    case .name: (#"lower(coalesce(name, '')) COLLATE "C""#, "text")
    case .priority: ("priority", "integer")
    case .emc: ("(result ->> 'emc')::float8", "float8")
    }
  }

  fileprivate var condition: String? {
    switch self {
    case .finished: "finished_at IS NOT NULL"
    case .emc: "(result ->> 'emc') IS NOT NULL"
    case .created, .name, .priority: nil
    }
  }
}

/// Conditions on jobs with the parameters that they bind.
private struct JobConditions {
  private var texts: [String] = []
  private(set) var parameters: [(any DatabaseEncodable)?] = []

  init(_ filter: JobFilter) {
    if !filter.states.isEmpty {
      // In the order of declaration: equal filters are equal statements.
      add("state = ANY (\(bind(JobState.allCases.filter(filter.states.contains)))::job_state[])")
    }
    if let ids = filter.ids { add("id = ANY (\(bind(ids))::uuid[])") }
    for label in filter.labels {
      let key = bind(label.key)
      let value = label.value.map { " AND value = \(bind($0))" } ?? ""
      add("sequence IN (SELECT sequence FROM job_labels WHERE key = \(key)\(value))")
    }
    if let dataset = filter.dataset { add("dataset_name = \(bind(dataset))") }
    if let kind = filter.modelKind { add("model_kind = \(bind(kind))") }
    if let kind = filter.optimizerKind { add("optimizer_kind = \(bind(kind))") }
    if let part = filter.nameContains {
      // By the index of trigrams, where there is one.
      let escaped = part.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
      add("lower(name) LIKE lower(\(bind("%\(escaped)%")))")
    }
    if let date = filter.createdFrom { add("created_at >= \(bind(date))::timestamptz") }
    if let date = filter.createdBefore { add("created_at < \(bind(date))::timestamptz") }
    if let date = filter.finishedFrom { add("finished_at >= \(bind(date))::timestamptz") }
    if let date = filter.finishedBefore { add("finished_at < \(bind(date))::timestamptz") }
  }

  mutating func add(_ text: String) { texts.append(text) }

  /// The place of a parameter.
  mutating func bind(_ value: any DatabaseEncodable) -> String {
    parameters.append(value)
    return "$\(parameters.count)"
  }

  /// All of them; of none, TRUE.
  var text: String { texts.isEmpty ? "TRUE" : texts.joined(separator: " AND ") }
}
