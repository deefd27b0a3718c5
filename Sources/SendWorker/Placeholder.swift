import AsyncHTTPClient
import Configuration
import Crypto
import Hummingbird
import Metrics
import ServiceLifecycle
import Yams
enum Placeholder {}
