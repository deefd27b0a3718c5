// Generated from schemas/asyncapi.yaml by Tests/Tools/embed-schemas.
// swift-format-ignore-file
extension PublishedDocument {
    static let asyncAPI = #"""
asyncapi: 3.0.0
info:
  title: instagram-send-worker
  version: 1.0.0
  description: |
    Backends publish send requests; the worker calls Instagram's messages endpoint and publishes exactly one result per
    request. Every request that ends other than `sent` is also dead-lettered. The topic `instagram.send.state` is the
    workers' own and not part of this interface. Topic names can be configured; these are the defaults.
defaultContentType: application/json
channels:
  requests:
    address: instagram.send.requests
    description: |
      Keyed by `account_id`, so that one partition, and with it one worker, owns an account at a time: that is what makes
      limits per account exact.
    messages:
      sendRequest:
        $ref: '#/components/messages/sendRequest'
    bindings:
      kafka:
        topic: instagram.send.requests
  results:
    address: instagram.send.results
    description: One terminal result per request, keyed by `account_id`.
    messages:
      sendResult:
        $ref: '#/components/messages/sendResult'
    bindings:
      kafka:
        topic: instagram.send.results
  deadLetters:
    address: instagram.send.dead-letters
    description: |
      Requests that ended other than `sent`: key and value are the request's own bytes, which need not be JSON; the
      headers say why and where from.
    messages:
      deadLetter:
        $ref: '#/components/messages/deadLetter'
    bindings:
      kafka:
        topic: instagram.send.dead-letters
operations:
  receiveRequest:
    action: receive
    channel:
      $ref: '#/channels/requests'
    summary: The worker reads requests as the consumer group `instagram-send-worker`.
    messages:
      - $ref: '#/channels/requests/messages/sendRequest'
    bindings:
      kafka:
        groupId:
          type: string
          default: instagram-send-worker
  publishResult:
    action: send
    channel:
      $ref: '#/channels/results'
    summary: The worker publishes how a request ended.
    messages:
      - $ref: '#/channels/results/messages/sendResult'
  publishDeadLetter:
    action: send
    channel:
      $ref: '#/channels/deadLetters'
    summary: The worker publishes a request that ended other than `sent`.
    messages:
      - $ref: '#/channels/deadLetters/messages/deadLetter'
components:
  messages:
    sendRequest:
      name: sendRequest
      title: Send request
      contentType: application/json
      headers:
        $ref: '#/components/schemas/traceHeaders'
      payload:
        schemaFormat: application/schema+json;version=draft-2020-12
        schema:
          $ref: './request.schema.json'
      correlationId:
        description: The caller's id; echoed in the result.
        location: $message.payload#/request_id
      bindings:
        kafka:
          key:
            type: string
            description: The request's `account_id`.
    sendResult:
      name: sendResult
      title: Send result
      contentType: application/json
      headers:
        $ref: '#/components/schemas/traceHeaders'
      payload:
        schemaFormat: application/schema+json;version=draft-2020-12
        schema:
          $ref: './result.schema.json'
      correlationId:
        description: The caller's id, from the request.
        location: $message.payload#/request_id
      bindings:
        kafka:
          key:
            type: string
            description: The request's `account_id`.
    deadLetter:
      name: deadLetter
      title: Dead letter
      contentType: application/octet-stream
      headers:
        schemaFormat: application/schema+json;version=draft-2020-12
        schema:
          $ref: './dead-letter-headers.schema.json'
      payload:
        description: The request's own bytes, whatever they are.
      bindings:
        kafka:
          key:
            type: string
            description: The request's own key.
  schemas:
    traceHeaders:
      type: object
      properties:
        traceparent:
          type: string
          description: W3C trace context; carried from the request to its result and dead letter.
        tracestate:
          type: string

"""#
}
