#include "io/codes.h"

#include <string.h>

static const char countries[] =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS "
    "BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC "
    "EE "
    "EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK "
    "HM "
    "HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB "
    "LC "
    "LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ "
    "NA "
    "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU "
    "RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN "
    "TO "
    "TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ";

static const char currencies[] = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF "
				 "BMD BND BOB BOV BRL BSD BTN BWP "
				 "BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE "
				 "CZK DJF DKK DOP DZD EGP ERN ETB "
				 "EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF "
				 "IDR ILS INR IQD IRR ISK JMD JOD "
				 "JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD "
				 "MAD MDL MGA MKD MMK MNT MOP MRU "
				 "MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
				 "PGK PHP PKR PLN PYG QAR RON RSD "
				 "RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC "
				 "SYP SZL THB TJS TMT TND TOP TRY "
				 "TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST "
				 "XAF XAG XAU XBA XBB XBC XBD XCD "
				 "XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWL ";

bool par_codes_has(par_codes list, const char *s, size_t n)
{
	size_t width = list == PAR_CODES_COUNTRY ? 2 : 3;
	const char *codes = list == PAR_CODES_COUNTRY ? countries : currencies;
	if (n != width)
		return false;
	for (const char *c = codes; *c; c += width + 1)
		if (memcmp(c, s, width) == 0)
			return true;
	return false;
}

par_codes par_codes_named(const char *name)
{
	if (strcmp(name, "iso-3166") == 0)
		return PAR_CODES_COUNTRY;
	return strcmp(name, "iso-4217") == 0 ? PAR_CODES_CURRENCY : PAR_CODES_NONE;
}

const char *par_codes_what(par_codes list)
{
	return list == PAR_CODES_COUNTRY ? "country of ISO 3166-1, two capitals"
					 : "currency of ISO 4217, three capitals";
}
