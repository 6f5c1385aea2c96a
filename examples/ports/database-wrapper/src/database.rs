//! The database as wrappers see it: files that they may fetch, and the notices that they have written.

/// A connection to the database.
#[derive(Debug, Default)]
pub struct Database {
    pub notices: Vec<String>,
}

const PRODUCTS: &str = "1,pen,1.5,true\n2,ink,12.25,true\n3,desk,,false\n4,lamp,40,true\n";

impl Database {
    /// The file at an address.
    pub fn fetch(&mut self, url: &str) -> Result<String, String> {
        match url {
            "https://data.example/products.csv" => Ok(PRODUCTS.to_owned()),
            "https://data.example/broken.csv" => Ok("1,pen,1.5,true\n2x,ink,12.25,true\n".to_owned()),
            _ => Err(format!("404 for {url}")),
        }
    }
}
