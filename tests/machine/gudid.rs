//! Published device records: a real release file and a real answer of openFDA.

use tagout::interop::gudid;

use crate::shared::shared;

pub fn a_release_file_gives_a_model_for_every_device() {
    let text = shared("openfda/samples/gudid-2016-equipment-subset.xml");
    let got = gudid::read(text.as_bytes());
    assert_eq!(got.mistakes, []);
    assert_eq!(got.models.len(), text.matches("<device ").count());
    let pump = got
        .models
        .iter()
        .find(|m| m.di == "00841447100249")
        .expect("a known record");
    assert_eq!(pump.manufacturer, "INVACARE CORPORATION");
    assert_eq!(pump.brand, "Invacare® Perfecto2™ Oxygen Concentrator");
    assert_eq!(pump.model, "IRC5PO2W");
    assert_eq!(pump.gmdn, "Stationary oxygen concentrator");
    assert_eq!(
        pump.product_codes,
        [("CAW".to_owned(), "Generator, Oxygen, Portable".to_owned())]
    );
    assert_eq!((pump.has_lot, pump.has_serial), (Some(false), Some(true)));
}

pub fn packages_are_kept_beside_the_primary_identifier() {
    let text = shared("openfda/samples/gudid-device.xml");
    let got = gudid::read(text.as_bytes());
    assert_eq!(got.mistakes, []);
    let [model] = got.models.as_slice() else {
        panic!("one record expected, {} found", got.models.len());
    };
    assert_eq!(model.di, "00844588018923");
    assert!(model.other_dis.contains(&"00844868017264".to_owned()));
    assert_eq!(model.product_codes.len(), 2);
}

pub fn an_answer_of_openfda_is_read() {
    let text = shared("openfda/samples/api-device-udi.json");
    let got = gudid::read(text.as_bytes());
    assert_eq!(got.mistakes, []);
    let model = got.models.first().expect("a record");
    assert_eq!(model.di, "00887517567062");
    assert_eq!(model.manufacturer, "Nuvasive, Inc.");
    assert_eq!(model.has_lot, Some(true));
}
