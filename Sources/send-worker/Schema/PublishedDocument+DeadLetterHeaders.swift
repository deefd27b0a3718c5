// Generated from schemas/dead-letter-headers.schema.json by Tests/Tools/embed-schemas.
// swift-format-ignore-file
extension PublishedDocument {
    static let deadLetterHeaders = #"""
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://instagram-send-worker.invalid/schemas/dead-letter-headers.schema.json",
  "title": "Headers of a dead letter",
  "description": "What a record on the topic instagram.send.dead-letters has besides the request's own headers, read as an object of UTF-8 strings. Key and value are the request's own, byte for byte; of a request that is larger than this topic takes the headers are missing, then the end of the value, then the end of the key, and the header dlq-omitted-bytes says so.",
  "type": "object",
  "required": [
    "dlq-status", "dlq-attempts", "dlq-source-topic", "dlq-source-partition", "dlq-source-offset", "dlq-time",
    "dlq-redrives"
  ],
  "properties": {
    "dlq-status": { "enum": ["rejected", "failed", "expired", "unknown"] },
    "dlq-category": {
      "enum": [
        "invalid_request", "malformed_record", "outside_window", "recipient_unavailable", "permission", "token",
        "policy", "throttled", "media", "endpoint_unavailable", "timeout", "expired", "graph_error"
      ]
    },
    "dlq-code": { "description": "Graph's error code, where it gave one.", "type": "string", "pattern": "^-?[0-9]+$" },
    "dlq-subcode": {
      "description": "Graph's error subcode, where it gave one.",
      "type": "string",
      "pattern": "^-?[0-9]+$"
    },
    "dlq-message": { "description": "One sentence for a person.", "type": "string" },
    "dlq-attempts": { "description": "HTTP calls made.", "type": "string", "pattern": "^[0-9]+$" },
    "dlq-source-topic": { "type": "string", "minLength": 1 },
    "dlq-source-partition": { "type": "string", "pattern": "^[0-9]+$" },
    "dlq-source-offset": { "type": "string", "pattern": "^[0-9]+$" },
    "dlq-time": {
      "description": "When the request reached its status.",
      "type": "string",
      "format": "date-time",
      "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"
    },
    "dlq-redrives": {
      "description": "How often the request was redriven before.",
      "type": "string",
      "pattern": "^[0-9]+$"
    },
    "dlq-omitted-bytes": {
      "description": "Only where the request was too large for this topic: how many bytes of its headers (names and values), value and key are missing here. The dlq-source-* headers say where the whole record stands.",
      "type": "string",
      "pattern": "^[0-9]+$"
    },
    "traceparent": {
      "description": "W3C trace context, carried over from the request.",
      "type": "string"
    },
    "tracestate": { "type": "string" }
  },
  "additionalProperties": { "type": "string" }
}

"""#
}
