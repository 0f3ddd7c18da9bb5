//! The compiler rejects each program in `wrong/`, with the error code that its first line names.

#[test]
fn every_wrong_program_is_refused_for_the_reason_it_names() {
    async_kit::refused::check("wrong");
}
