//! Tests of the frozen event forms.
