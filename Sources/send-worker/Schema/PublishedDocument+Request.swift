// Generated from schemas/request.schema.json by Tests/Tools/embed-schemas.
// swift-format-ignore-file
extension PublishedDocument {
    static let request = #"""
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://instagram-send-worker.invalid/schemas/request.schema.json",
  "title": "Send request",
  "description": "The value of a record on the topic instagram.send.requests: the body of Graph's messages call plus an envelope. The record's key is account_id.",
  "$comment": "Rules that JSON Schema cannot express are listed in README.md: byte limits, characters as people count them, one emoji, hosts of URLs, links in texts, deadlines and windows. minLength and maxLength count Unicode code points. An optional member that is null counts as absent. Some validators let $ match before a line break that ends a text; $defs/lineBreak is for them.",
  "type": "object",
  "required": ["request_id", "account_id", "recipient"],
  "properties": {
    "request_id": {
      "description": "The caller's id; echoed in the result.",
      "type": "string",
      "pattern": "^[A-Za-z0-9._:-]{1,128}$",
      "not": { "$ref": "#/$defs/lineBreak" }
    },
    "account_id": {
      "description": "The Instagram professional account that sends.",
      "type": "string",
      "pattern": "^[0-9]{1,32}$",
      "not": { "$ref": "#/$defs/lineBreak" }
    },
    "recipient": { "$ref": "#/$defs/recipient" },
    "message": { "anyOf": [{ "$ref": "#/$defs/message" }, { "type": "null" }] },
    "sender_action": {
      "description": "An action instead of a message.",
      "enum": ["react", "unreact", "typing_on", "typing_off", "mark_seen", null]
    },
    "payload": {
      "description": "What react and unreact refer to.",
      "type": ["object", "null"],
      "required": ["message_id"],
      "properties": {
        "message_id": { "$ref": "#/$defs/graphID" },
        "reaction": {
          "description": "love or one emoji.",
          "$comment": "That it is one emoji cannot be expressed.",
          "type": ["string", "null"],
          "anyOf": [{ "type": "null" }, { "const": "love" }, { "pattern": "^([#*0-9]\ufe0f?\u20e3|[^\\x00-\\x7F]+)$" }],
          "not": { "$ref": "#/$defs/lineBreak" }
        }
      },
      "additionalProperties": false
    },
    "messaging_type": {
      "description": "The declared purpose of the message.",
      "enum": ["RESPONSE", "UPDATE", "MESSAGE_TAG", null]
    },
    "tag": {
      "description": "The only tag left; the window is 7 days instead of 24 hours.",
      "enum": ["HUMAN_AGENT", null]
    },
    "reply_to": {
      "description": "The message that this one answers.",
      "type": ["object", "null"],
      "required": ["mid"],
      "properties": { "mid": { "$ref": "#/$defs/graphID" } },
      "additionalProperties": false
    },
    "last_inbound_at": {
      "description": "When the person last wrote; lets the worker refuse early outside the messaging window.",
      "anyOf": [{ "$ref": "#/$defs/timestamp" }, { "type": "null" }]
    },
    "window_expires_at": {
      "description": "Until when the messaging window is open, where the caller knows better (after an ad, say); overrides what follows from last_inbound_at.",
      "anyOf": [{ "$ref": "#/$defs/timestamp" }, { "type": "null" }]
    },
    "expires_at": {
      "description": "Do not send at or after this moment.",
      "anyOf": [{ "$ref": "#/$defs/timestamp" }, { "type": "null" }]
    },
    "sender": {
      "description": "Who speaks; a bot may not use the tag HUMAN_AGENT.",
      "enum": ["bot", "human", null]
    },
    "comment": {
      "description": "With recipient.comment_id: a comment on a live video, whose replies have a limit of their own.",
      "enum": ["live", null]
    },
    "delivery": {
      "description": "What to do when nobody can tell whether a call delivered the message; the default is the worker's configuration.",
      "enum": ["at_least_once", "at_most_once", null]
    },
    "context": {
      "description": "Echoed byte for byte in the result; at most 4096 bytes as written.",
      "type": ["object", "null"]
    }
  },
  "additionalProperties": false,
  "oneOf": [
    {
      "required": ["message"],
      "properties": {
        "message": { "type": "object" },
        "sender_action": { "type": "null" },
        "payload": { "type": "null" }
      }
    },
    {
      "required": ["sender_action"],
      "properties": {
        "sender_action": { "type": "string" },
        "message": { "type": "null" },
        "messaging_type": { "type": "null" },
        "tag": { "type": "null" },
        "reply_to": { "type": "null" },
        "recipient": { "required": ["id"], "properties": { "id": { "type": "string" } } }
      }
    }
  ],
  "allOf": [
    {
      "if": { "properties": { "sender_action": { "const": "react" } }, "required": ["sender_action"] },
      "then": {
        "required": ["payload"],
        "properties": {
          "payload": {
            "type": "object",
            "required": ["reaction"],
            "properties": { "reaction": { "type": "string" } }
          }
        }
      }
    },
    {
      "if": { "properties": { "sender_action": { "const": "unreact" } }, "required": ["sender_action"] },
      "then": {
        "required": ["payload"],
        "properties": { "payload": { "type": "object", "properties": { "reaction": { "type": "null" } } } }
      }
    },
    {
      "if": {
        "properties": { "sender_action": { "enum": ["typing_on", "typing_off", "mark_seen"] } },
        "required": ["sender_action"]
      },
      "then": { "properties": { "payload": { "type": "null" } } }
    },
    {
      "if": { "properties": { "messaging_type": { "const": "MESSAGE_TAG" } }, "required": ["messaging_type"] },
      "then": {
        "required": ["tag"],
        "properties": { "tag": { "type": "string" }, "sender": { "enum": ["human", null] } }
      },
      "else": { "properties": { "tag": { "type": "null" } } }
    },
    {
      "if": { "properties": { "comment": { "const": "live" } }, "required": ["comment"] },
      "then": {
        "properties": { "recipient": { "required": ["comment_id"], "properties": { "comment_id": { "type": "string" } } } }
      }
    }
  ],
  "$defs": {
    "graphID": {
      "description": "An id that Graph gave, passed on as it came.",
      "type": "string",
      "pattern": "^[!-~]{1,512}$",
      "not": { "$ref": "#/$defs/lineBreak" }
    },
    "timestamp": {
      "$comment": "Every day that exists; that a leap second can only be at the end of a month in UTC is not expressed.",
      "type": "string",
      "format": "date-time",
      "pattern": "^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
      "maxLength": 64,
      "not": { "$ref": "#/$defs/lineBreak" }
    },
    "lineBreak": { "pattern": "\\n" },
    "url": {
      "description": "An absolute URL with a public host and without user name and password.",
      "$comment": "That the host is public, that numbers make an address and that a name has at most 253 characters are not expressed.",
      "type": "string",
      "format": "uri",
      "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\\.?|\\[[0-9A-Fa-f:.]+\\])(:0*([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?#]([!#$&-;=?-\\[\\]_a-z~]|%[0-9A-Fa-f]{2})*)?$",
      "not": { "$ref": "#/$defs/lineBreak" }
    },
    "imageURL": {
      "description": "A URL whose file extension, where it is a well-known one, is one that the type takes.",
      "allOf": [{ "$ref": "#/$defs/url" }],
      "not": {
        "anyOf": [
          { "$ref": "#/$defs/audioFile" },
          { "$ref": "#/$defs/movieFile" },
          { "$ref": "#/$defs/videoFile" },
          { "$ref": "#/$defs/pdfFile" },
          { "$ref": "#/$defs/otherFile" }
        ]
      }
    },
    "audioURL": {
      "description": "A URL whose file extension, where it is a well-known one, is one that the type takes.",
      "allOf": [{ "$ref": "#/$defs/url" }],
      "not": {
        "anyOf": [
          { "$ref": "#/$defs/imageFile" },
          { "$ref": "#/$defs/videoFile" },
          { "$ref": "#/$defs/pdfFile" },
          { "$ref": "#/$defs/otherFile" }
        ]
      }
    },
    "videoURL": {
      "description": "A URL whose file extension, where it is a well-known one, is one that the type takes.",
      "allOf": [{ "$ref": "#/$defs/url" }],
      "not": {
        "anyOf": [
          { "$ref": "#/$defs/imageFile" },
          { "$ref": "#/$defs/audioFile" },
          { "$ref": "#/$defs/pdfFile" },
          { "$ref": "#/$defs/otherFile" }
        ]
      }
    },
    "fileURL": {
      "description": "A URL whose file extension, where it is a well-known one, is one that the type takes.",
      "allOf": [{ "$ref": "#/$defs/url" }],
      "not": {
        "anyOf": [
          { "$ref": "#/$defs/imageFile" },
          { "$ref": "#/$defs/audioFile" },
          { "$ref": "#/$defs/movieFile" },
          { "$ref": "#/$defs/videoFile" },
          { "$ref": "#/$defs/otherFile" }
        ]
      }
    },
    "imageFile": { "pattern": "^[^:/?#]+://[^/?#]*/([^?#]*/)?[^/?#]+\\.([Pp][Nn][Gg]|[Jj][Pp][Ee][Gg]|[Jj][Pp][Gg]|[Gg][Ii][Ff])([?#]|$)" },
    "audioFile": { "pattern": "^[^:/?#]+://[^/?#]*/([^?#]*/)?[^/?#]+\\.([Aa][Aa][Cc]|[Mm]4[Aa]|[Ww][Aa][Vv])([?#]|$)" },
    "movieFile": { "pattern": "^[^:/?#]+://[^/?#]*/([^?#]*/)?[^/?#]+\\.([Mm][Pp]4)([?#]|$)" },
    "videoFile": { "pattern": "^[^:/?#]+://[^/?#]*/([^?#]*/)?[^/?#]+\\.([Oo][Gg][Gg]|[Aa][Vv][Ii]|[Mm][Oo][Vv]|[Ww][Ee][Bb][Mm])([?#]|$)" },
    "pdfFile": { "pattern": "^[^:/?#]+://[^/?#]*/([^?#]*/)?[^/?#]+\\.([Pp][Dd][Ff])([?#]|$)" },
    "otherFile": { "pattern": "^[^:/?#]+://[^/?#]*/([^?#]*/)?[^/?#]+\\.([Ww][Ee][Bb][Pp]|[Hh][Ee][Ii][Cc]|[Hh][Ee][Ii][Ff]|[Aa][Vv][Ii][Ff]|[Bb][Mm][Pp]|[Tt][Ii][Ff]|[Tt][Ii][Ff][Ff]|[Ss][Vv][Gg]|[Ii][Cc][Oo]|[Pp][Ss][Dd]|[Mm][Pp]3|[Oo][Gg][Aa]|[Oo][Pp][Uu][Ss]|[Ff][Ll][Aa][Cc]|[Ww][Mm][Aa]|[Aa][Mm][Rr]|[Aa][Ii][Ff]|[Aa][Ii][Ff][Ff]|[Mm][Ii][Dd]|[Mm][Kk][Vv]|[Ww][Mm][Vv]|[Ff][Ll][Vv]|3[Gg][Pp]|[Mm][Pp][Gg]|[Mm][Pp][Ee][Gg]|[Dd][Oo][Cc]|[Dd][Oo][Cc][Xx]|[Xx][Ll][Ss]|[Xx][Ll][Ss][Xx]|[Pp][Pp][Tt]|[Pp][Pp][Tt][Xx]|[Oo][Dd][Tt]|[Rr][Tt][Ff]|[Tt][Xx][Tt]|[Cc][Ss][Vv]|[Ee][Pp][Uu][Bb]|[Zz][Ii][Pp]|[Rr][Aa][Rr]|7[Zz]|[Gg][Zz]|[Tt][Aa][Rr]|[Ee][Xx][Ee]|[Aa][Pp][Kk]|[Dd][Mm][Gg]|[Ii][Ss][Oo])([?#]|$)" },
    "recipient": {
      "description": "Who receives it: a person, or the author of a comment (a private reply, one per comment, within 7 days of it).",
      "type": "object",
      "properties": {
        "id": { "anyOf": [{ "$ref": "#/$defs/graphID" }, { "type": "null" }] },
        "comment_id": { "anyOf": [{ "$ref": "#/$defs/graphID" }, { "type": "null" }] }
      },
      "oneOf": [
        { "required": ["id"], "properties": { "id": { "type": "string" } } },
        { "required": ["comment_id"], "properties": { "comment_id": { "type": "string" } } }
      ],
      "additionalProperties": false
    },
    "message": {
      "description": "Exactly one of text, attachment and attachments.",
      "type": "object",
      "properties": {
        "text": {
          "description": "1 to 1000 UTF-8 bytes, not white space only.",
          "type": ["string", "null"],
          "pattern": "[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
          "maxLength": 1000
        },
        "quick_replies": {
          "type": ["array", "null"],
          "minItems": 1,
          "maxItems": 13,
          "items": { "$ref": "#/$defs/quickReply" }
        },
        "attachment": { "anyOf": [{ "$ref": "#/$defs/attachment" }, { "type": "null" }] },
        "attachments": {
          "description": "Several images in one message.",
          "type": ["array", "null"],
          "minItems": 1,
          "maxItems": 10,
          "items": { "$ref": "#/$defs/imageAttachment" }
        }
      },
      "additionalProperties": false,
      "oneOf": [
        {
          "required": ["text"],
          "properties": {
            "text": { "type": "string" },
            "attachment": { "type": "null" },
            "attachments": { "type": "null" }
          }
        },
        {
          "required": ["attachment"],
          "properties": {
            "attachment": { "type": "object" },
            "text": { "type": "null" },
            "attachments": { "type": "null" },
            "quick_replies": { "type": "null" }
          }
        },
        {
          "required": ["attachments"],
          "properties": {
            "attachments": { "type": "array" },
            "text": { "type": "null" },
            "attachment": { "type": "null" },
            "quick_replies": { "type": "null" }
          }
        }
      ]
    },
    "quickReply": {
      "type": "object",
      "required": ["content_type", "title", "payload"],
      "properties": {
        "content_type": {
          "description": "Meta switched user_phone_number and user_email off on 5 October 2026.",
          "const": "text"
        },
        "title": { "type": "string", "minLength": 1, "maxLength": 20 },
        "payload": { "type": "string", "maxLength": 1000 }
      },
      "additionalProperties": false
    },
    "attachment": {
      "type": "object",
      "required": ["type"],
      "oneOf": [
        { "$ref": "#/$defs/imageAttachment" },
        { "$ref": "#/$defs/audioAttachment" },
        { "$ref": "#/$defs/videoAttachment" },
        { "$ref": "#/$defs/fileAttachment" },
        { "$ref": "#/$defs/stickerAttachment" },
        { "$ref": "#/$defs/shareAttachment" },
        { "$ref": "#/$defs/templateAttachment" }
      ]
    },
    "imageAttachment": {
      "description": "A png, jpeg or gif of at most 8 MB.",
      "type": "object",
      "required": ["type", "payload"],
      "properties": {
        "type": { "const": "image" },
        "payload": {
          "$ref": "#/$defs/mediaPayload",
          "properties": { "url": { "anyOf": [{ "$ref": "#/$defs/imageURL" }, { "type": "null" }] } }
        }
      },
      "additionalProperties": false
    },
    "audioAttachment": {
      "description": "An aac, m4a, wav or mp4 of at most 25 MB.",
      "type": "object",
      "required": ["type", "payload"],
      "properties": {
        "type": { "const": "audio" },
        "payload": {
          "$ref": "#/$defs/mediaPayload",
          "properties": { "url": { "anyOf": [{ "$ref": "#/$defs/audioURL" }, { "type": "null" }] } }
        }
      },
      "additionalProperties": false
    },
    "videoAttachment": {
      "description": "An mp4, ogg, avi, mov or webm of at most 25 MB.",
      "type": "object",
      "required": ["type", "payload"],
      "properties": {
        "type": { "const": "video" },
        "payload": {
          "$ref": "#/$defs/mediaPayload",
          "properties": { "url": { "anyOf": [{ "$ref": "#/$defs/videoURL" }, { "type": "null" }] } }
        }
      },
      "additionalProperties": false
    },
    "fileAttachment": {
      "description": "A pdf of at most 25 MB.",
      "type": "object",
      "required": ["type", "payload"],
      "properties": {
        "type": { "const": "file" },
        "payload": {
          "$ref": "#/$defs/mediaPayload",
          "properties": { "url": { "anyOf": [{ "$ref": "#/$defs/fileURL" }, { "type": "null" }] } }
        }
      },
      "additionalProperties": false
    },
    "mediaPayload": {
      "description": "Where the file comes from: a URL that Graph fetches, or the id of an upload.",
      "type": "object",
      "properties": {
        "url": { "type": ["string", "null"] },
        "attachment_id": { "anyOf": [{ "$ref": "#/$defs/graphID" }, { "type": "null" }] },
        "is_reusable": {
          "description": "Beside a url: keep the file; Graph's answer names its attachment_id.",
          "type": ["boolean", "null"]
        }
      },
      "oneOf": [
        { "required": ["url"], "properties": { "url": { "type": "string" }, "attachment_id": { "type": "null" } } },
        {
          "required": ["attachment_id"],
          "properties": {
            "attachment_id": { "type": "string" },
            "url": { "type": "null" },
            "is_reusable": { "type": "null" }
          }
        }
      ],
      "additionalProperties": false
    },
    "stickerAttachment": {
      "description": "The heart sticker; it has no payload.",
      "type": "object",
      "required": ["type"],
      "properties": { "type": { "const": "like_heart" }, "payload": { "type": "null" } },
      "additionalProperties": false
    },
    "shareAttachment": {
      "description": "A post that the sending account owns.",
      "type": "object",
      "required": ["type", "payload"],
      "properties": {
        "type": { "const": "MEDIA_SHARE" },
        "payload": {
          "type": "object",
          "properties": {
            "id": { "anyOf": [{ "$ref": "#/$defs/graphID" }, { "type": "null" }] },
            "attachment_id": { "anyOf": [{ "$ref": "#/$defs/graphID" }, { "type": "null" }] }
          },
          "oneOf": [
            { "required": ["id"], "properties": { "id": { "type": "string" } } },
            { "required": ["attachment_id"], "properties": { "attachment_id": { "type": "string" } } }
          ],
          "additionalProperties": false
        }
      },
      "additionalProperties": false
    },
    "templateAttachment": {
      "type": "object",
      "required": ["type", "payload"],
      "properties": {
        "type": { "const": "template" },
        "payload": {
          "type": "object",
          "required": ["template_type"],
          "oneOf": [
            { "$ref": "#/$defs/genericTemplate" },
            { "$ref": "#/$defs/buttonTemplate" },
            { "$ref": "#/$defs/productTemplate" }
          ]
        }
      },
      "additionalProperties": false
    },
    "genericTemplate": {
      "description": "Cards, shown side by side.",
      "type": "object",
      "required": ["template_type", "elements"],
      "properties": {
        "template_type": { "const": "generic" },
        "elements": {
          "type": "array",
          "minItems": 1,
          "maxItems": 10,
          "items": { "$ref": "#/$defs/element" }
        },
        "text": { "type": "null" },
        "buttons": { "type": "null" }
      },
      "additionalProperties": false
    },
    "productTemplate": {
      "description": "Products of the account's catalogue; Facebook Login only.",
      "type": "object",
      "required": ["template_type", "elements"],
      "properties": {
        "template_type": { "const": "product" },
        "elements": {
          "type": "array",
          "minItems": 1,
          "maxItems": 10,
          "items": {
            "type": "object",
            "required": ["id"],
            "properties": { "id": { "$ref": "#/$defs/graphID" } },
            "additionalProperties": false
          }
        },
        "text": { "type": "null" },
        "buttons": { "type": "null" }
      },
      "additionalProperties": false
    },
    "element": {
      "description": "A card: a title and at least one property besides it.",
      "type": "object",
      "required": ["title"],
      "anyOf": [
        { "required": ["subtitle"], "properties": { "subtitle": { "type": "string" } } },
        { "required": ["image_url"], "properties": { "image_url": { "type": "string" } } },
        { "required": ["default_action"], "properties": { "default_action": { "type": "object" } } },
        { "required": ["buttons"], "properties": { "buttons": { "type": "array", "minItems": 1 } } }
      ],
      "properties": {
        "title": { "type": "string", "minLength": 1, "maxLength": 80 },
        "subtitle": { "type": ["string", "null"], "minLength": 1, "maxLength": 80 },
        "image_url": { "anyOf": [{ "$ref": "#/$defs/url" }, { "type": "null" }] },
        "default_action": {
          "description": "What a tap on the card opens.",
          "type": ["object", "null"],
          "required": ["type", "url"],
          "properties": { "type": { "const": "web_url" }, "url": { "$ref": "#/$defs/url" } },
          "additionalProperties": false
        },
        "buttons": { "type": ["array", "null"], "maxItems": 3, "items": { "$ref": "#/$defs/button" } }
      },
      "additionalProperties": false
    },
    "buttonTemplate": {
      "description": "Text with buttons below it.",
      "type": "object",
      "required": ["template_type", "text", "buttons"],
      "properties": {
        "template_type": { "const": "button" },
        "text": { "type": "string", "minLength": 1, "maxLength": 640 },
        "buttons": { "type": "array", "minItems": 1, "maxItems": 3, "items": { "$ref": "#/$defs/button" } },
        "elements": { "type": "null" }
      },
      "additionalProperties": false
    },
    "button": {
      "type": "object",
      "required": ["type", "title"],
      "properties": {
        "type": { "enum": ["web_url", "postback"] },
        "title": { "type": "string", "minLength": 1, "maxLength": 20 },
        "url": { "anyOf": [{ "$ref": "#/$defs/url" }, { "type": "null" }] },
        "payload": { "type": ["string", "null"], "minLength": 1, "maxLength": 1000 }
      },
      "additionalProperties": false,
      "if": { "properties": { "type": { "const": "web_url" } } },
      "then": {
        "required": ["url"],
        "properties": { "url": { "type": "string" }, "payload": { "type": "null" } }
      },
      "else": {
        "required": ["payload"],
        "properties": { "payload": { "type": "string" }, "url": { "type": "null" } }
      }
    }
  }
}

"""#
}
