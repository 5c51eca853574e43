//! Events of the shop, 101 to 199. Frozen.

use super::table::events;
use crate::domain::shop::ShopEvent;

events! { ShopEvent {
    101 "shop-renamed" Renamed RenamedV1 { name: String }
    102 "shop-prefix-changed" PrefixChanged PrefixChangedV1 { prefix: String }
    103 "shop-zone-changed" ZoneChanged ZoneChangedV1 { zone: String }
    104 "shop-column-map-saved" ColumnMapSaved ColumnMapSavedV1 { name: String, text: String }
} }
