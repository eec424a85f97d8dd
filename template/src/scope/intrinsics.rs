//! The functions of CloudFormation that a template may use where this reader looks.

use serde_json::{Map, Value};

use super::Scope;
use crate::error::Problem;
use crate::value::{call_of, list, spell};

impl Scope {
    /// The value with its own call, if it is one, replaced by the result; what is inside stays as written.
    pub(crate) fn evaluate(&self, value: &Value) -> Result<Value, Problem> {
        let Value::Object(map) = value else {
            return Ok(value.clone());
        };
        match call_of(map) {
            None => Ok(value.clone()),
            Some(("Ref", name)) => self.reference(&self.text(name)?),
            Some(("Fn::GetAtt", argument)) => self.get_att(argument),
            Some(("Fn::Sub", argument)) => self.sub(argument).map(Value::String),
            Some(("Fn::Join", argument)) => self.join(argument).map(Value::String),
            Some(("Fn::If", argument)) => self.choose(argument),
            Some((name, _)) => Err(Problem::UnknownFunction(name.to_owned())),
        }
    }

    /// The value evaluated and spelled.
    pub(super) fn text(&self, value: &Value) -> Result<String, Problem> {
        spell(&self.evaluate(value)?)
    }

    fn get_att(&self, argument: &Value) -> Result<Value, Problem> {
        match list(argument)? {
            [resource, attribute] => self.attribute(&self.text(resource)?, &self.text(attribute)?),
            _ => Err(Problem::Expected("a resource and an attribute")),
        }
    }

    fn join(&self, argument: &Value) -> Result<String, Problem> {
        let [separator, items] = list(argument)? else {
            return Err(Problem::Expected("a separator and a list"));
        };
        let items = self.evaluate(items)?;
        let texts = list(&items)?.iter().map(|item| self.text(item));
        Ok(texts.collect::<Result<Vec<_>, _>>()?.join(&self.text(separator)?))
    }

    fn choose(&self, argument: &Value) -> Result<Value, Problem> {
        match list(argument)? {
            [Value::String(condition), yes, no] => {
                self.evaluate(if self.holds(condition)? { yes } else { no })
            }
            _ => Err(Problem::Expected("a condition and two values")),
        }
    }

    fn sub(&self, argument: &Value) -> Result<String, Problem> {
        match argument {
            Value::String(template) => self.substitute(template, &Map::new()),
            Value::Array(items) => match items.as_slice() {
                [Value::String(template), Value::Object(names)] => self.substitute(template, names),
                _ => Err(Problem::Expected("a text and a map of names")),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                Err(Problem::Expected("a text, or a text and a map of names"))
            }
        }
    }

    fn substitute(&self, template: &str, names: &Map<String, Value>) -> Result<String, Problem> {
        let mut result = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) =
                after.split_once('}').ok_or(Problem::Expected("a text that closes every ${"))?;
            result.push_str(before);
            match name.strip_prefix('!') {
                Some(literal) => result.push_str(&format!("${{{literal}}}")),
                None => result.push_str(&self.name_in_text(name.trim(), names)?),
            }
            rest = after;
        }
        result.push_str(rest);
        Ok(result)
    }

    fn name_in_text(&self, name: &str, names: &Map<String, Value>) -> Result<String, Problem> {
        let value = match (names.get(name), name.split_once('.')) {
            (Some(value), _) => self.evaluate(value)?,
            (None, Some((resource, attribute))) => self.attribute(resource, attribute)?,
            (None, None) => self.reference(name)?,
        };
        spell(&value)
    }
}
