//! What can be wrong with a template, and where.

/// A template that can't be served, in one line that names the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template.yaml: {place}: {problem}")]
pub struct TemplateError {
    /// Path of keys to the value, such as `Resources.Login.Properties.Events`.
    pub place: String,
    /// What is wrong there.
    pub problem: Problem,
}

impl TemplateError {
    pub(crate) fn new(place: impl Into<String>, problem: Problem) -> Self {
        Self { place: place.into(), problem }
    }
}

/// What is wrong with one value of a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text is not YAML, or not YAML that a template may use.
    #[error("{0}")]
    Yaml(String),
    /// A key that must be there is not.
    #[error("{0} is missing")]
    Missing(String),
    /// The value has another form than the one that is read here.
    #[error("must be {0}")]
    Expected(&'static str),
    /// A function of CloudFormation that is not evaluated here.
    #[error("the function {0} is not known here")]
    UnknownFunction(String),
    /// A `Ref`, `Fn::GetAtt`, `Fn::Sub`, condition or authorizer that names nothing.
    #[error("{0} is not in the template")]
    UnknownName(String),
    /// A parameter without a default, and nothing else to take its place.
    #[error("the parameter {0} has no default")]
    NoDefault(String),
    /// Conditions that refer to each other in a circle, or in a chain nobody would write.
    #[error("the condition {0} refers to itself, or through too many others")]
    CircularCondition(String),
    /// Something AWS would do and this reader does not.
    #[error("{0} is not supported here")]
    Unsupported(String),
    /// A value outside what its place allows.
    #[error("{value:?} is not {expected}")]
    Invalid {
        /// The value as written.
        value: String,
        /// What it should have been.
        expected: &'static str,
    },
}
