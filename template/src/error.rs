//! The errors of a template, with their places.

/// The reason why a template cannot be served, in one line that names the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template.yaml: {place}: {problem}")]
pub struct TemplateError {
    /// Path of keys to the value, such as `Resources.Login.Properties.Events`.
    pub place: String,
    /// The error there.
    pub problem: Problem,
}

impl TemplateError {
    pub(crate) fn new(place: impl Into<String>, problem: Problem) -> Self {
        Self { place: place.into(), problem }
    }
}

/// The reason why a value of a template is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text is not YAML, or not YAML that is allowed in a template.
    #[error("{0}")]
    Yaml(String),
    /// A required key is missing.
    #[error("{0} is missing")]
    Missing(String),
    /// The value has another form than the expected one.
    #[error("must be {0}")]
    Expected(&'static str),
    /// A function of CloudFormation is not supported here.
    #[error("the function {0} is not known here")]
    UnknownFunction(String),
    /// A `Ref`, `Fn::GetAtt`, `Fn::Sub`, condition or authorizer has an unknown target.
    #[error("{0} is not in the template")]
    UnknownName(String),
    /// A parameter has no default, and nothing else replaces it.
    #[error("the parameter {0} has no default")]
    NoDefault(String),
    /// Conditions refer to each other in a circle, or in an excessively long chain.
    #[error("the condition {0} refers to itself, or through too many others")]
    CircularCondition(String),
    /// AWS supports this but the reader does not.
    #[error("{0} is not supported here")]
    Unsupported(String),
    /// The value is outside its range.
    #[error("{value:?} is not {expected}")]
    Invalid {
        /// The value as written.
        value: String,
        /// The expected value.
        expected: &'static str,
    },
}
