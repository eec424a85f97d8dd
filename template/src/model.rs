//! The content of an evaluated template.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, StatusCode};

/// The parts of the stack that answer requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// The REST API in front of the functions.
    pub api: Api,
    /// Every route, ordered by path and method.
    pub routes: Vec<Route>,
    /// The functions that cargo-lambda builds, ordered by logical id; also those without a route.
    pub functions: Vec<Function>,
    /// The functions that something else builds, ordered by logical id.
    pub others: Vec<OtherFunction>,
    /// Every table, ordered by logical id.
    pub tables: Vec<Table>,
    /// The functions that streams call, ordered by logical id.
    pub stream_readers: Vec<StreamReader>,
}

/// The `AWS::Serverless::Api` of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Logical id, which stands for the API's id in ARNs.
    pub id: String,
    /// Name of its stage.
    pub stage: String,
    /// The answers to preflight requests; without it there are none.
    pub cors: Option<Cors>,
    /// Its authorizers by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// The default authorizer of routes.
    pub default_authorizer: Option<String>,
    /// The authorizer of preflight requests, if there is one.
    pub preflight_authorizer: Option<String>,
    /// The appearance of the gateway's own errors, by response type.
    pub gateway_responses: BTreeMap<String, GatewayResponse>,
}

/// One path and method, and the function behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Path with `{name}` for one segment and `{name+}` for all the rest.
    pub path: String,
    /// HTTP method in upper case, or `ANY`.
    pub method: String,
    /// Logical id of the function.
    pub function: String,
    /// Name of the authorizer to pass; `None` for a public route.
    pub authorizer: Option<String>,
}

/// A function that the stream of a table calls with rows that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamReader {
    /// Logical id of the function.
    pub function: String,
    /// Logical id of the table.
    pub table: String,
}

/// One Lambda function in Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Logical id.
    pub id: String,
    /// Name of the binary it is built from, which is the name of its handler here.
    pub binary: String,
    /// The variables of its environment, exactly.
    pub environment: BTreeMap<String, Variable>,
}

/// A function in another language, or built in another way. Only its routes are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherFunction {
    /// Logical id.
    pub id: String,
    /// Such as `nodejs22.x`; `None` for a container image.
    pub runtime: Option<String>,
}

/// The source of an environment variable's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// The template; the process environment may override it.
    Text(String),
    /// The name of a table of the template, which cannot be overridden.
    Table(String),
    /// The whole key set, private halves included: `KEY_SET`, even if the template names a secret with it.
    KeySet,
    /// The public half of the key set.
    PublicKeys,
    /// A parameter without a default, so only the process environment can provide the value.
    Unset {
        /// The parameter.
        parameter: String,
    },
}

/// A Lambda authorizer of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizer {
    /// Logical id of its function.
    pub function: String,
    /// The form of its events.
    pub event: AuthorizerEvent,
    /// Headers without which the gateway itself refuses a request.
    pub identity_headers: Vec<HeaderName>,
}

/// The two forms of event a REST API calls an authorizer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizerEvent {
    /// Only the value of the identity header.
    Token,
    /// The whole request but its body.
    Request,
}

/// The `Cors` block of the API: the headers of a preflight answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// `Access-Control-Allow-Origin`.
    pub allow_origin: HeaderValue,
    /// `Access-Control-Allow-Methods`; the methods of the path if absent.
    pub allow_methods: Option<HeaderValue>,
    /// `Access-Control-Allow-Headers`.
    pub allow_headers: Option<HeaderValue>,
    /// `Access-Control-Max-Age`.
    pub max_age: Option<HeaderValue>,
    /// Whether `Access-Control-Allow-Credentials: true` is sent.
    pub allow_credentials: bool,
}

/// One entry of `GatewayResponses`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewayResponse {
    /// The status, if it differs from that of the response type.
    pub status: Option<StatusCode>,
    /// Headers and where their values come from.
    pub headers: Vec<(HeaderName, HeaderSource)>,
    /// Body templates by content type.
    pub bodies: BTreeMap<String, String>,
}

/// The source of a header's value in a gateway response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderSource {
    /// A text in single quotes.
    Static(HeaderValue),
    /// A context variable, without its leading `context.`.
    Context(String),
}

/// One DynamoDB table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Logical id, which is its name here.
    pub name: String,
    /// The partition key, and the sort key if there is one.
    pub key: Vec<KeyAttribute>,
    /// The attribute with the time to live, if switched on.
    pub time_to_live: Option<String>,
    /// The view of its stream, if it has one: `NEW_IMAGE` and the like.
    pub stream: Option<String>,
    /// Its global secondary indexes.
    pub indexes: Vec<Index>,
}

/// A global secondary index of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its partition key, and the sort key if there is one.
    pub key: Vec<KeyAttribute>,
    /// The projection: `KEYS_ONLY` or `ALL`.
    pub projection: String,
}

/// One attribute of a table's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    /// Name of the attribute.
    pub name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
    /// `HASH` or `RANGE`.
    pub key_type: String,
}
