// Generated from schemas/request-types.schema.json by Tests/Tools/embed-schemas.
// swift-format-ignore-file
extension PublishedDocument {
    static let requestTypes = #"""
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://instagram-send-worker.invalid/schemas/request-types.schema.json",
  "title": "Send request",
  "description": "The value of a record on the topic instagram.send.requests, for programs that generate types: named objects, unions whose members are told apart by a constant, no conditions. request.schema.json has the rules.",
  "$comment": "discriminator is OpenAPI's keyword, which generators know and validators ignore.",
  "oneOf": [
    { "$ref": "#/$defs/MessageRequest" },
    { "$ref": "#/$defs/ReactRequest" },
    { "$ref": "#/$defs/UnreactRequest" },
    { "$ref": "#/$defs/ActionRequest" }
  ],
  "$defs": {
    "MessageRequest": {
      "title": "Message request",
      "description": "A message to a person, or to the author of a comment.",
      "type": "object",
      "properties": {
        "request_id": {
          "type": "string",
          "description": "The caller's id, 1 to 128 of A-Z a-z 0-9 . _ : -; echoed in the result.",
          "minLength": 1,
          "maxLength": 128
        },
        "account_id": {
          "type": "string",
          "description": "The Instagram professional account that sends, 1 to 32 digits; also the record's key.",
          "minLength": 1,
          "maxLength": 32
        },
        "recipient": { "$ref": "#/$defs/Recipient" },
        "message": { "$ref": "#/$defs/Message" },
        "messaging_type": { "$ref": "#/$defs/MessagingType" },
        "tag": { "$ref": "#/$defs/Tag" },
        "reply_to": { "$ref": "#/$defs/ReplyTo" },
        "sender": { "$ref": "#/$defs/Sender" },
        "comment": { "$ref": "#/$defs/CommentKind" },
        "last_inbound_at": { "type": "string", "format": "date-time", "description": "When the person last wrote." },
        "window_expires_at": {
          "type": "string",
          "format": "date-time",
          "description": "Until when the messaging window is open, where the caller knows better."
        },
        "expires_at": {
          "type": "string",
          "format": "date-time",
          "description": "Do not send at or after this moment."
        },
        "delivery": { "$ref": "#/$defs/Delivery" },
        "context": {
          "description": "Echoed in the result; at most 4096 bytes.",
          "type": "object",
          "additionalProperties": true
        }
      },
      "required": ["request_id", "account_id", "recipient", "message"],
      "additionalProperties": false
    },
    "ReactRequest": {
      "title": "React request",
      "description": "A reaction to a message.",
      "type": "object",
      "properties": {
        "request_id": {
          "type": "string",
          "description": "The caller's id, 1 to 128 of A-Z a-z 0-9 . _ : -; echoed in the result.",
          "minLength": 1,
          "maxLength": 128
        },
        "account_id": {
          "type": "string",
          "description": "The Instagram professional account that sends, 1 to 32 digits; also the record's key.",
          "minLength": 1,
          "maxLength": 32
        },
        "recipient": { "$ref": "#/$defs/PersonRecipient" },
        "sender_action": { "const": "react" },
        "payload": { "$ref": "#/$defs/ReactPayload" },
        "sender": { "$ref": "#/$defs/Sender" },
        "last_inbound_at": { "type": "string", "format": "date-time", "description": "When the person last wrote." },
        "window_expires_at": {
          "type": "string",
          "format": "date-time",
          "description": "Until when the messaging window is open, where the caller knows better."
        },
        "expires_at": {
          "type": "string",
          "format": "date-time",
          "description": "Do not send at or after this moment."
        },
        "delivery": { "$ref": "#/$defs/Delivery" },
        "context": {
          "description": "Echoed in the result; at most 4096 bytes.",
          "type": "object",
          "additionalProperties": true
        }
      },
      "required": ["request_id", "account_id", "recipient", "sender_action", "payload"],
      "additionalProperties": false
    },
    "UnreactRequest": {
      "title": "Unreact request",
      "description": "A reaction taken back.",
      "type": "object",
      "properties": {
        "request_id": {
          "type": "string",
          "description": "The caller's id, 1 to 128 of A-Z a-z 0-9 . _ : -; echoed in the result.",
          "minLength": 1,
          "maxLength": 128
        },
        "account_id": {
          "type": "string",
          "description": "The Instagram professional account that sends, 1 to 32 digits; also the record's key.",
          "minLength": 1,
          "maxLength": 32
        },
        "recipient": { "$ref": "#/$defs/PersonRecipient" },
        "sender_action": { "const": "unreact" },
        "payload": { "$ref": "#/$defs/UnreactPayload" },
        "sender": { "$ref": "#/$defs/Sender" },
        "last_inbound_at": { "type": "string", "format": "date-time", "description": "When the person last wrote." },
        "window_expires_at": {
          "type": "string",
          "format": "date-time",
          "description": "Until when the messaging window is open, where the caller knows better."
        },
        "expires_at": {
          "type": "string",
          "format": "date-time",
          "description": "Do not send at or after this moment."
        },
        "delivery": { "$ref": "#/$defs/Delivery" },
        "context": {
          "description": "Echoed in the result; at most 4096 bytes.",
          "type": "object",
          "additionalProperties": true
        }
      },
      "required": ["request_id", "account_id", "recipient", "sender_action", "payload"],
      "additionalProperties": false
    },
    "ActionRequest": {
      "title": "Action request",
      "description": "Typing or seen.",
      "type": "object",
      "properties": {
        "request_id": {
          "type": "string",
          "description": "The caller's id, 1 to 128 of A-Z a-z 0-9 . _ : -; echoed in the result.",
          "minLength": 1,
          "maxLength": 128
        },
        "account_id": {
          "type": "string",
          "description": "The Instagram professional account that sends, 1 to 32 digits; also the record's key.",
          "minLength": 1,
          "maxLength": 32
        },
        "recipient": { "$ref": "#/$defs/PersonRecipient" },
        "sender_action": { "enum": ["typing_on", "typing_off", "mark_seen"] },
        "sender": { "$ref": "#/$defs/Sender" },
        "last_inbound_at": { "type": "string", "format": "date-time", "description": "When the person last wrote." },
        "window_expires_at": {
          "type": "string",
          "format": "date-time",
          "description": "Until when the messaging window is open, where the caller knows better."
        },
        "expires_at": {
          "type": "string",
          "format": "date-time",
          "description": "Do not send at or after this moment."
        },
        "delivery": { "$ref": "#/$defs/Delivery" },
        "context": {
          "description": "Echoed in the result; at most 4096 bytes.",
          "type": "object",
          "additionalProperties": true
        }
      },
      "required": ["request_id", "account_id", "recipient", "sender_action"],
      "additionalProperties": false
    },
    "Recipient": {
      "title": "Recipient",
      "description": "Who receives it: exactly one person, or the author of a comment.",
      "oneOf": [{ "$ref": "#/$defs/PersonRecipient" }, { "$ref": "#/$defs/CommentRecipient" }]
    },
    "PersonRecipient": {
      "title": "Person recipient",
      "description": "A person, by the Instagram-scoped id that a webhook gave.",
      "type": "object",
      "properties": { "id": { "type": "string", "minLength": 1, "maxLength": 512 } },
      "required": ["id"],
      "additionalProperties": false
    },
    "CommentRecipient": {
      "title": "Comment recipient",
      "description": "The author of a comment: a private reply, one per comment.",
      "type": "object",
      "properties": { "comment_id": { "type": "string", "minLength": 1, "maxLength": 512 } },
      "required": ["comment_id"],
      "additionalProperties": false
    },
    "ReplyTo": {
      "title": "Reply to",
      "description": "The message that this one answers.",
      "type": "object",
      "properties": { "mid": { "type": "string", "minLength": 1, "maxLength": 512 } },
      "required": ["mid"],
      "additionalProperties": false
    },
    "MessagingType": {
      "title": "Messaging type",
      "description": "The declared purpose; MESSAGE_TAG goes with the tag HUMAN_AGENT.",
      "enum": ["RESPONSE", "UPDATE", "MESSAGE_TAG"]
    },
    "Tag": { "title": "Tag", "enum": ["HUMAN_AGENT"] },
    "Sender": {
      "title": "Sender",
      "description": "Who speaks; a bot may not use the tag HUMAN_AGENT.",
      "enum": ["bot", "human"]
    },
    "CommentKind": {
      "title": "Comment kind",
      "description": "With comment_id: a comment on a live video.",
      "enum": ["live"]
    },
    "Delivery": {
      "title": "Delivery",
      "description": "What to do when nobody can tell whether a call delivered the message.",
      "enum": ["at_least_once", "at_most_once"]
    },
    "ReactPayload": {
      "title": "React payload",
      "type": "object",
      "properties": {
        "message_id": { "type": "string", "minLength": 1, "maxLength": 512 },
        "reaction": { "type": "string", "description": "love or one emoji.", "minLength": 1 }
      },
      "required": ["message_id", "reaction"],
      "additionalProperties": false
    },
    "UnreactPayload": {
      "title": "Unreact payload",
      "type": "object",
      "properties": { "message_id": { "type": "string", "minLength": 1, "maxLength": 512 } },
      "required": ["message_id"],
      "additionalProperties": false
    },
    "Message": {
      "title": "Message",
      "description": "Exactly one of text, attachment and attachments.",
      "oneOf": [
        { "$ref": "#/$defs/TextMessage" },
        { "$ref": "#/$defs/AttachmentMessage" },
        { "$ref": "#/$defs/ImagesMessage" }
      ]
    },
    "TextMessage": {
      "title": "Text message",
      "description": "1 to 1000 UTF-8 bytes of text, with or without quick replies.",
      "type": "object",
      "properties": {
        "text": { "type": "string", "minLength": 1, "maxLength": 1000 },
        "quick_replies": { "type": "array", "items": { "$ref": "#/$defs/QuickReply" }, "minItems": 1, "maxItems": 13 }
      },
      "required": ["text"],
      "additionalProperties": false
    },
    "AttachmentMessage": {
      "title": "Attachment message",
      "type": "object",
      "properties": { "attachment": { "$ref": "#/$defs/Attachment" } },
      "required": ["attachment"],
      "additionalProperties": false
    },
    "ImagesMessage": {
      "title": "Images message",
      "description": "Several images in one message.",
      "type": "object",
      "properties": {
        "attachments": {
          "type": "array",
          "items": { "$ref": "#/$defs/ImageAttachment" },
          "minItems": 1,
          "maxItems": 10
        }
      },
      "required": ["attachments"],
      "additionalProperties": false
    },
    "QuickReply": {
      "title": "Quick reply",
      "type": "object",
      "properties": {
        "content_type": { "const": "text" },
        "title": { "type": "string", "minLength": 1, "maxLength": 20 },
        "payload": { "type": "string", "maxLength": 1000 }
      },
      "required": ["content_type", "title", "payload"],
      "additionalProperties": false
    },
    "Attachment": {
      "title": "Attachment",
      "description": "One of the kinds of attachment, told apart by type.",
      "oneOf": [
        { "$ref": "#/$defs/ImageAttachment" },
        { "$ref": "#/$defs/AudioAttachment" },
        { "$ref": "#/$defs/VideoAttachment" },
        { "$ref": "#/$defs/FileAttachment" },
        { "$ref": "#/$defs/StickerAttachment" },
        { "$ref": "#/$defs/ShareAttachment" },
        { "$ref": "#/$defs/TemplateAttachment" }
      ],
      "discriminator": { "propertyName": "type" }
    },
    "ImageAttachment": {
      "title": "Image attachment",
      "description": "A png, jpeg or gif of at most 8 MB.",
      "type": "object",
      "properties": { "type": { "const": "image" }, "payload": { "$ref": "#/$defs/MediaPayload" } },
      "required": ["type", "payload"],
      "additionalProperties": false
    },
    "AudioAttachment": {
      "title": "Audio attachment",
      "description": "An aac, m4a, wav or mp4 of at most 25 MB.",
      "type": "object",
      "properties": { "type": { "const": "audio" }, "payload": { "$ref": "#/$defs/MediaPayload" } },
      "required": ["type", "payload"],
      "additionalProperties": false
    },
    "VideoAttachment": {
      "title": "Video attachment",
      "description": "An mp4, ogg, avi, mov or webm of at most 25 MB.",
      "type": "object",
      "properties": { "type": { "const": "video" }, "payload": { "$ref": "#/$defs/MediaPayload" } },
      "required": ["type", "payload"],
      "additionalProperties": false
    },
    "FileAttachment": {
      "title": "File attachment",
      "description": "A pdf of at most 25 MB.",
      "type": "object",
      "properties": { "type": { "const": "file" }, "payload": { "$ref": "#/$defs/MediaPayload" } },
      "required": ["type", "payload"],
      "additionalProperties": false
    },
    "StickerAttachment": {
      "title": "Sticker attachment",
      "description": "The heart sticker.",
      "type": "object",
      "properties": { "type": { "const": "like_heart" } },
      "required": ["type"],
      "additionalProperties": false
    },
    "ShareAttachment": {
      "title": "Share attachment",
      "description": "A post that the sending account owns.",
      "type": "object",
      "properties": { "type": { "const": "MEDIA_SHARE" }, "payload": { "$ref": "#/$defs/SharePayload" } },
      "required": ["type", "payload"],
      "additionalProperties": false
    },
    "TemplateAttachment": {
      "title": "Template attachment",
      "type": "object",
      "properties": { "type": { "const": "template" }, "payload": { "$ref": "#/$defs/Template" } },
      "required": ["type", "payload"],
      "additionalProperties": false
    },
    "MediaPayload": {
      "title": "Media payload",
      "description": "Where the file comes from.",
      "oneOf": [{ "$ref": "#/$defs/FetchedMedia" }, { "$ref": "#/$defs/UploadedMedia" }]
    },
    "FetchedMedia": {
      "title": "Fetched media",
      "description": "A file that Graph fetches.",
      "type": "object",
      "properties": {
        "url": { "type": "string", "description": "An absolute http or https URL with a public host." },
        "is_reusable": { "type": "boolean", "description": "Keep the file; Graph's answer names its attachment_id." }
      },
      "required": ["url"],
      "additionalProperties": false
    },
    "UploadedMedia": {
      "title": "Uploaded media",
      "description": "A file that was uploaded before.",
      "type": "object",
      "properties": { "attachment_id": { "type": "string", "minLength": 1, "maxLength": 512 } },
      "required": ["attachment_id"],
      "additionalProperties": false
    },
    "SharePayload": {
      "title": "Share payload",
      "description": "A post by its media id, or an upload.",
      "oneOf": [{ "$ref": "#/$defs/SharedPost" }, { "$ref": "#/$defs/UploadedMedia" }]
    },
    "SharedPost": {
      "title": "Shared post",
      "type": "object",
      "properties": { "id": { "type": "string", "minLength": 1, "maxLength": 512 } },
      "required": ["id"],
      "additionalProperties": false
    },
    "Template": {
      "title": "Template",
      "description": "One of the kinds of template, told apart by template_type.",
      "oneOf": [
        { "$ref": "#/$defs/GenericTemplate" },
        { "$ref": "#/$defs/ButtonTemplate" },
        { "$ref": "#/$defs/ProductTemplate" }
      ],
      "discriminator": { "propertyName": "template_type" }
    },
    "GenericTemplate": {
      "title": "Generic template",
      "description": "Cards, shown side by side.",
      "type": "object",
      "properties": {
        "template_type": { "const": "generic" },
        "elements": { "type": "array", "items": { "$ref": "#/$defs/Card" }, "minItems": 1, "maxItems": 10 }
      },
      "required": ["template_type", "elements"],
      "additionalProperties": false
    },
    "ButtonTemplate": {
      "title": "Button template",
      "description": "Text with buttons below it.",
      "type": "object",
      "properties": {
        "template_type": { "const": "button" },
        "text": { "type": "string", "minLength": 1, "maxLength": 640 },
        "buttons": { "type": "array", "items": { "$ref": "#/$defs/Button" }, "minItems": 1, "maxItems": 3 }
      },
      "required": ["template_type", "text", "buttons"],
      "additionalProperties": false
    },
    "ProductTemplate": {
      "title": "Product template",
      "description": "Products of the account's catalogue; Facebook Login only.",
      "type": "object",
      "properties": {
        "template_type": { "const": "product" },
        "elements": { "type": "array", "items": { "$ref": "#/$defs/Product" }, "minItems": 1, "maxItems": 10 }
      },
      "required": ["template_type", "elements"],
      "additionalProperties": false
    },
    "Card": {
      "title": "Card",
      "description": "A title and at least one property besides it.",
      "type": "object",
      "properties": {
        "title": { "type": "string", "minLength": 1, "maxLength": 80 },
        "subtitle": { "type": "string", "minLength": 1, "maxLength": 80 },
        "image_url": { "type": "string", "description": "An absolute http or https URL with a public host." },
        "default_action": { "$ref": "#/$defs/DefaultAction" },
        "buttons": { "type": "array", "items": { "$ref": "#/$defs/Button" }, "maxItems": 3 }
      },
      "required": ["title"],
      "additionalProperties": false
    },
    "DefaultAction": {
      "title": "Default action",
      "description": "What a tap on the card opens.",
      "type": "object",
      "properties": {
        "type": { "const": "web_url" },
        "url": { "type": "string", "description": "An absolute http or https URL with a public host." }
      },
      "required": ["type", "url"],
      "additionalProperties": false
    },
    "Button": {
      "title": "Button",
      "description": "Told apart by type.",
      "oneOf": [{ "$ref": "#/$defs/WebURLButton" }, { "$ref": "#/$defs/PostbackButton" }],
      "discriminator": { "propertyName": "type" }
    },
    "WebURLButton": {
      "title": "Web URL button",
      "type": "object",
      "properties": {
        "type": { "const": "web_url" },
        "title": { "type": "string", "minLength": 1, "maxLength": 20 },
        "url": { "type": "string", "description": "An absolute http or https URL with a public host." }
      },
      "required": ["type", "title", "url"],
      "additionalProperties": false
    },
    "PostbackButton": {
      "title": "Postback button",
      "type": "object",
      "properties": {
        "type": { "const": "postback" },
        "title": { "type": "string", "minLength": 1, "maxLength": 20 },
        "payload": { "type": "string", "minLength": 1, "maxLength": 1000 }
      },
      "required": ["type", "title", "payload"],
      "additionalProperties": false
    },
    "Product": {
      "title": "Product",
      "type": "object",
      "properties": { "id": { "type": "string", "minLength": 1, "maxLength": 512 } },
      "required": ["id"],
      "additionalProperties": false
    }
  }
}

"""#
}
