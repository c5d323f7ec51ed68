#include "core/base/time.h"

#define DAYS_PER_ERA 146097 /* 400 Gregorian years. */
#define YEAR_MAX 9999
#define TIME_MAX ((hx_time)253402300799999) /* 9999-12-31T23:59:59.999Z. */

struct date {
    int64_t year;
    int64_t month;
    int64_t day;
};

/* Both conversions count years from March, which puts the leap day last, and months by the pattern of 153 days in
 * five months (31 30 31 30 31) that repeats from March on. Days are since 1970-01-01 and not negative here. */
static struct date date_of_days(int64_t days) {
    int64_t shifted = days + 719468; /* Since 0000-03-01. */
    int64_t era = shifted / DAYS_PER_ERA;
    int64_t day_of_era = shifted % DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct date){era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

static int64_t days_of_date(struct date date) {
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = year / 400;
    int64_t year_of_era = year % 400;
    int64_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - 719468;
}

static bool is_leap(int64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int64_t month) {
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static void put_digits(char *at, int64_t value, size_t count) {
    for (size_t i = count; i > 0; i--) {
        at[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
}

static bool is_writable(struct hx_buf *buf, hx_time time) {
    if (time >= 0 && time <= TIME_MAX) return true;
    buf->overflowed = true;
    return false;
}

static void put_date(char *at, hx_time time) {
    struct date date = date_of_days(time / HX_MS_PER_DAY);
    put_digits(at, date.year, 4);
    put_digits(at + 5, date.month, 2);
    put_digits(at + 8, date.day, 2);
}

void hx_time_add_rfc3339(struct hx_buf *buf, hx_time time) {
    char text[] = "0000-00-00T00:00:00.000Z";
    if (!is_writable(buf, time)) return;
    put_date(text, time);
    put_digits(text + 11, time % HX_MS_PER_DAY / HX_MS_PER_HOUR, 2);
    put_digits(text + 14, time % HX_MS_PER_HOUR / HX_MS_PER_MINUTE, 2);
    put_digits(text + 17, time % HX_MS_PER_MINUTE / HX_MS_PER_SECOND, 2);
    put_digits(text + 20, time % HX_MS_PER_SECOND, 3);
    hx_buf_add(buf, (hx_str){text, sizeof text - 1});
}

void hx_time_add_date(struct hx_buf *buf, hx_time time) {
    char text[] = "0000-00-00";
    if (!is_writable(buf, time)) return;
    put_date(text, time);
    hx_buf_add(buf, (hx_str){text, sizeof text - 1});
}

hx_time hx_time_day_start(hx_time time) {
    hx_time past = time % HX_MS_PER_DAY;
    if (past < 0) past += HX_MS_PER_DAY;
    /* Within a day of the smallest value there is no midnight before it. */
    return time < INT64_MIN + past ? INT64_MIN : time - past;
}

/* Reads exactly count digits and moves past them. */
static bool take_digits(hx_str *rest, size_t count, int64_t *out) {
    int64_t value = 0;
    if (rest->len < count) return false;
    for (size_t i = 0; i < count; i++) {
        if (rest->data[i] < '0' || rest->data[i] > '9') return false;
        value = value * 10 + (rest->data[i] - '0');
    }
    *rest = (hx_str){rest->data + count, rest->len - count};
    *out = value;
    return true;
}

static bool take_char(hx_str *rest, char upper) {
    if (rest->len == 0) return false;
    char c = rest->data[0];
    bool lower = upper >= 'A' && upper <= 'Z' && c == upper + ('a' - 'A');
    if (c != upper && !lower) return false;
    *rest = (hx_str){rest->data + 1, rest->len - 1};
    return true;
}

/* ".123" and longer; what is finer than a millisecond is cut off. */
static bool take_fraction(hx_str *rest, int64_t *millis) {
    int64_t weight = 100;
    int64_t digit = 0;
    *millis = 0;
    if (!take_char(rest, '.')) return true;
    if (!take_digits(rest, 1, &digit)) return false;
    do {
        *millis += digit * weight;
        weight /= 10;
    } while (take_digits(rest, 1, &digit));
    return true;
}

/* "Z" or "+hh:mm". */
static bool take_offset(hx_str *rest, int64_t *minutes) {
    int64_t hour = 0;
    int64_t minute = 0;
    *minutes = 0;
    if (take_char(rest, 'Z')) return true;
    bool west = take_char(rest, '-');
    if (!west && !take_char(rest, '+')) return false;
    if (!take_digits(rest, 2, &hour) || !take_char(rest, ':') || !take_digits(rest, 2, &minute)) return false;
    if (hour > 23 || minute > 59) return false;
    *minutes = (west ? -1 : 1) * (hour * 60 + minute);
    return true;
}

hx_err hx_time_parse_rfc3339(hx_str text, hx_time *out) {
    struct date date = {0, 0, 0};
    int64_t hour = 0, minute = 0, second = 0, millis = 0, offset_minutes = 0;
    hx_str rest = text;
    bool shaped = take_digits(&rest, 4, &date.year) && take_char(&rest, '-') && take_digits(&rest, 2, &date.month) &&
                  take_char(&rest, '-') && take_digits(&rest, 2, &date.day) && take_char(&rest, 'T') &&
                  take_digits(&rest, 2, &hour) && take_char(&rest, ':') && take_digits(&rest, 2, &minute) &&
                  take_char(&rest, ':') && take_digits(&rest, 2, &second) && take_fraction(&rest, &millis) &&
                  take_offset(&rest, &offset_minutes) && rest.len == 0;
    if (!shaped) return HX_ERR(REJECT_SYNTAX);
    if (date.month < 1 || date.month > 12 || date.day < 1) return HX_ERR(REJECT_RANGE);
    if (date.day > days_in_month(date.year, date.month)) return HX_ERR(REJECT_RANGE);
    if (hour > 23 || minute > 59 || second > 59) return HX_ERR(REJECT_RANGE);
    /* Year 0 would be negative in the arithmetic of days_of_date; nothing before 1969 can become valid. */
    if (date.year < 1969 || date.year > YEAR_MAX) return HX_ERR(REJECT_RANGE);
    hx_time time = days_of_date(date) * HX_MS_PER_DAY + hour * HX_MS_PER_HOUR +
                   (minute - offset_minutes) * HX_MS_PER_MINUTE + second * HX_MS_PER_SECOND + millis;
    if (time < 0 || time > TIME_MAX) return HX_ERR(REJECT_RANGE);
    *out = time;
    return HX_OK;
}
