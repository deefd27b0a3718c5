// Generated from schemas/result.schema.json by Tests/Tools/embed-schemas.
// swift-format-ignore-file
extension PublishedDocument {
    static let result = #"""
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://instagram-send-worker.invalid/schemas/result.schema.json",
  "title": "Send result",
  "description": "The value of a record on the topic instagram.send.results: how one request ended. There is exactly one per record on the requests topic.",
  "$comment": "Readers skip members they do not know, so additional members are allowed.",
  "type": "object",
  "required": [
    "request_id", "account_id", "recipient_id", "status", "attempts", "possible_duplicate", "received_at",
    "completed_at", "source"
  ],
  "properties": {
    "request_id": { "description": "Null where the record held no usable one.", "type": ["string", "null"] },
    "account_id": { "description": "Null where the record held no usable one.", "type": ["string", "null"] },
    "recipient_id": {
      "description": "The Instagram-scoped id of the receiver; for a private reply it comes from Graph.",
      "type": ["string", "null"]
    },
    "status": {
      "description": "sent: Graph accepted it. rejected: it failed validation, no call was made. failed: refused for good or retries ran out, known not to be delivered. expired: its deadline passed, or provably would pass, before a call. unknown: a call was made and nobody knows whether it was delivered.",
      "enum": ["sent", "rejected", "failed", "expired", "unknown"]
    },
    "message_id": { "description": "Graph's id of the message, where it gives one.", "type": "string" },
    "attempts": { "description": "HTTP calls made.", "type": "integer", "minimum": 0 },
    "possible_duplicate": {
      "description": "True where an earlier attempt's outcome was unknown and the request was sent again.",
      "type": "boolean"
    },
    "error": { "$ref": "#/$defs/error" },
    "received_at": { "description": "The request record's Kafka timestamp, as its producer or the broker wrote it; 1970-01-01T00:00:00.000Z where the record has none.", "$ref": "#/$defs/timestamp" },
    "completed_at": { "description": "When the request reached its status.", "$ref": "#/$defs/timestamp" },
    "source": {
      "description": "Where the request was read from.",
      "type": "object",
      "required": ["topic", "partition", "offset"],
      "properties": {
        "topic": { "type": "string", "minLength": 1 },
        "partition": { "type": "integer", "minimum": 0, "maximum": 2147483647 },
        "offset": { "type": "integer", "minimum": 0, "maximum": 9223372036854775807 }
      }
    },
    "context": { "description": "The request's context, byte for byte.", "type": "object" },
    "omitted": {
      "description": "Only where the result did not fit into its topic: what was left out of it, or cut. context, then violations (those of error), then error.message (its end); where even that does not suffice, error.fbtrace_id, message_id and recipient_id.",
      "type": "array",
      "minItems": 1,
      "items": { "type": "string", "minLength": 1 }
    }
  },
  "allOf": [
    {
      "if": { "properties": { "status": { "const": "sent" } } },
      "then": { "not": { "required": ["error"] } },
      "else": { "required": ["error"], "not": { "required": ["message_id"] } }
    },
    {
      "if": { "properties": { "status": { "const": "rejected" } } },
      "then": { "properties": { "attempts": { "const": 0 } } }
    }
  ],
  "$defs": {
    "timestamp": {
      "type": "string",
      "format": "date-time",
      "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"
    },
    "error": {
      "type": "object",
      "required": ["category", "message"],
      "properties": {
        "category": {
          "enum": [
            "invalid_request", "malformed_record", "outside_window", "recipient_unavailable", "permission", "token",
            "policy", "throttled", "media", "endpoint_unavailable", "timeout", "expired", "graph_error"
          ]
        },
        "message": { "description": "One sentence for a person.", "type": "string" },
        "http_status": { "description": "The status of the last answer.", "type": "integer" },
        "code": { "description": "Graph's error code.", "type": "integer" },
        "subcode": { "description": "Graph's error subcode.", "type": "integer" },
        "fbtrace_id": { "description": "Graph's trace id, which its support asks for.", "type": "string" },
        "violations": {
          "description": "The broken rules of a request that failed validation.",
          "type": "array",
          "minItems": 1,
          "items": {
            "type": "object",
            "required": ["field", "rule", "message"],
            "properties": {
              "field": {
                "description": "A JSON Pointer into the request; empty for the whole record.",
                "type": "string",
                "format": "json-pointer",
                "pattern": "^(/([^~/]|~[01])*)*$"
              },
              "rule": { "description": "A stable identifier.", "type": "string", "minLength": 1 },
              "message": { "type": "string" }
            }
          }
        }
      }
    }
  }
}

"""#
}
