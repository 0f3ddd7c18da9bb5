//! The compiler refuses each program in `wrong/` for the reason that its first line names.

#[test]
fn every_wrong_program_is_refused_for_the_reason_it_names() {
    async_kit::refused::check("wrong");
}
