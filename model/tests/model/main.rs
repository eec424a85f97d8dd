//! The model check: the product violates nothing, each deliberate break is caught, and where a guarantee holds under a
//! condition only, a trace shows the reason.

#[cfg(test)]
mod guessing;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod product;
#[cfg(test)]
mod wider_excuse;
#[cfg(test)]
mod wording;
