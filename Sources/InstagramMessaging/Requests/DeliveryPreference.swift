/// What to do when nobody can tell whether a call delivered the message.
public enum DeliveryPreference: String, Sendable, Hashable, CaseIterable {
    /// Send it again a bounded number of times; the person may get it twice.
    case atLeastOnce = "at_least_once"
    /// Never send it again; the request ends as `unknown`.
    case atMostOnce = "at_most_once"
}
