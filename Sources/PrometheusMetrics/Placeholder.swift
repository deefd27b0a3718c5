import Metrics
enum Placeholder {}
