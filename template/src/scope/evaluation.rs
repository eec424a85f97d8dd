//! CloudFormation's functions and conditions that a template may use where this reader looks. `Fn::If` evaluates a
//! condition and a condition compares values, so they are one module.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Scope;
use crate::error::Problem;
use crate::value::{call_of, list, spell};

/// The maximum nesting of conditions. It bounds the stack on hostile input; people write three levels.
const DEEPEST: usize = 32;

/// The conditions evaluated so far, so that no input makes the work grow exponentially.
#[derive(Default)]
pub(super) struct Decisions {
    known: BTreeMap<String, bool>,
    depth: usize,
}

impl Scope {
    /// Returns the value with its own call, if it is one, replaced by the result. Its content stays as written.
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

    /// Returns the value evaluated and as text.
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

impl Scope {
    /// Returns whether the named condition is true.
    pub(super) fn holds(&self, name: &str) -> Result<bool, Problem> {
        if let Some(known) = self.decisions.borrow().known.get(name) {
            return Ok(*known);
        }
        let condition =
            self.conditions.get(name).ok_or_else(|| Problem::UnknownName(format!("the condition {name}")))?;
        if self.decisions.borrow().depth == DEEPEST {
            return Err(Problem::CircularCondition(name.to_owned()));
        }
        self.decisions.borrow_mut().depth += 1;
        let decided = self.decide(condition);
        self.decisions.borrow_mut().depth -= 1;
        let decided = decided?;
        self.decisions.borrow_mut().known.insert(name.to_owned(), decided);
        Ok(decided)
    }

    fn decide(&self, condition: &Value) -> Result<bool, Problem> {
        let single = condition.as_object().filter(|map| map.len() == 1);
        let Some((function, argument)) = single.and_then(|map| map.iter().next()) else {
            return Err(Problem::Expected("a condition"));
        };
        match (function.as_str(), argument) {
            ("Condition", Value::String(name)) => self.holds(name),
            ("Fn::Equals", Value::Array(sides)) => match sides.as_slice() {
                [left, right] => Ok(self.text(left)? == self.text(right)?),
                _ => Err(Problem::Expected("two values to compare")),
            },
            ("Fn::Not", Value::Array(inner)) => match inner.as_slice() {
                [inner] => Ok(!self.decide(inner)?),
                _ => Err(Problem::Expected("one condition")),
            },
            ("Fn::And", Value::Array(all)) => self.fold(all, true),
            ("Fn::Or", Value::Array(any)) => self.fold(any, false),
            (name, _) => Err(Problem::UnknownFunction(name.to_owned())),
        }
    }

    /// `neutral` is the result for an empty list; the first condition that differs from it decides.
    fn fold(&self, conditions: &[Value], neutral: bool) -> Result<bool, Problem> {
        for condition in conditions {
            if self.decide(condition)? != neutral {
                return Ok(!neutral);
            }
        }
        Ok(neutral)
    }
}
