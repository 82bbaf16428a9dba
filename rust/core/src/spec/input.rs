//! Reading a declaration.
