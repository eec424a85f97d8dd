//! The examples of `openapi.yaml` are answers that the functions could give.

use tests::contract::OPENAPI;
use weather::Forecast;

#[test]
fn the_forecasts_of_openapi_are_what_the_function_makes_of_their_temperatures() {
    let response = &OPENAPI["paths"]["/weather"]["get"]["responses"]["200"];
    let days = response["content"]["application/json"]["example"].as_array().expect("an example");
    assert_eq!(days.len(), 5);
    for day in days {
        let date = day["date"].as_str().expect("a date").to_owned();
        let celsius = i32::try_from(day["temperature_c"].as_i64().expect("degrees")).expect("a few degrees");
        assert_eq!(*day, serde_json::json!(Forecast::new(date, celsius)));
    }
}
