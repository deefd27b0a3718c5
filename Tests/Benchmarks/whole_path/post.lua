-- What a call of the worker sends, for wrk.
wrk.method = "POST"
wrk.path = "/v23.0/17841400000000000/messages?appsecret_proof=" .. string.rep("f2a05a9d", 8)
wrk.headers["Authorization"] = "Bearer IGAAtoken17841400000000000SECRET"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"recipient":{"id":"90210000"},"message":{"text":"Your order #1# has shipped: https://shop.example.com/orders/1"}}'
