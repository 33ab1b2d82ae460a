/* Retention: what became of each customer in each cohort, added up by group, cohort and bracket of periods. */
#include "loops.h"
#include "periods.h"

#define STARTS 1
#define RETURNS 2

typedef struct {
    int64_t time;
    int64_t period;
    int64_t group;
} entry;

typedef struct {
    int64_t brackets;
    const int64_t *begin; /* of each bracket: periods after the cohort's, or ticks after the entry */
    const int64_t *end;
    const int64_t *bounds; /* where periods begin */
    int elapsed;           /* ticks after the entry rather than periods of the calendar */
    int or_after;          /* a return past the bracket's end counts too */
    int64_t min_count;
    int64_t as_of;
} question;

typedef struct {
    int64_t first_cohort;
    int64_t cohorts;
    int64_t groups;
    int64_t *size;     /* (groups, cohorts) */
    int64_t *eligible; /* (groups, cohorts, brackets), as the next two */
    int64_t *retained;
    int64_t *so_far;
    int64_t *sums; /* (6, groups, brackets): customers, x, y, xx, yy, xy */
} totals;

/* One customer's memberships by (group, bracket): whose cell is complete (y), and in which he was retained (x). */
typedef struct {
    int64_t *x;
    int64_t *y;
    int64_t *touched; /* the groups with any */
    int64_t touched_count;
    uint8_t *is_touched;
} memberships;

static int64_t edge(const question *q, const entry *e, int64_t after)
{
    if (after == 0)
        return e->time;
    if (!q->elapsed)
        return q->bounds[e->period + after];
    return e->time > INT64_MAX - after ? INT64_MAX : e->time + after;
}

/* Of sorted times, the first at or after an instant; all before `from` are known to be earlier. */
static int64_t first_after_steps(const int64_t *times, int64_t count, int64_t instant, int64_t from)
{
    int64_t step = 1, low = from;
    while (low + step <= count && times[low + step - 1] < instant) {
        low += step;
        step *= 2;
    }
    return first_from(times, low, low + step - 1 < count ? low + step - 1 : count, instant);
}

static void follow(const question *q, const entry *e, const int64_t *back, int64_t count, totals *t, memberships *m)
{
    int64_t cell = e->group * t->cohorts + e->period - t->first_cohort;
    int64_t entered = first_after_steps(back, count, e->time, 0), at = entered, latest = e->time;
    t->size[cell]++;
    if (!m->is_touched[e->group]) {
        m->is_touched[e->group] = 1;
        m->touched[m->touched_count++] = e->group;
    }
    for (int64_t b = 0; b < q->brackets; b++) {
        int64_t begin = edge(q, e, q->begin[b]), end = edge(q, e, q->end[b]);
        at = first_after_steps(back, count, begin, begin >= latest ? at : entered);
        latest = begin;
        int enough = q->min_count <= count - at;
        int64_t last = enough ? back[at + q->min_count - 1] : 0; /* the return that makes them enough */
        int complete = end <= q->as_of;
        int came = enough && (q->or_after || last < end);
        int by_then = complete && came && (!q->or_after || last < q->as_of);
        t->eligible[cell * q->brackets + b] += complete;
        t->retained[cell * q->brackets + b] += by_then;
        t->so_far[cell * q->brackets + b] += came;
        m->y[e->group * q->brackets + b] += complete;
        m->x[e->group * q->brackets + b] += by_then;
    }
}

static void add_customer(totals *t, memberships *m, int64_t brackets)
{
    int64_t plane = t->groups * brackets;
    for (int64_t i = 0; i < m->touched_count; i++) {
        int64_t group = m->touched[i];
        for (int64_t at = group * brackets; at < (group + 1) * brackets; at++) {
            int64_t x = m->x[at], y = m->y[at];
            t->sums[at] += y > 0;
            t->sums[plane + at] += x;
            t->sums[2 * plane + at] += y;
            t->sums[3 * plane + at] += x * x;
            t->sums[4 * plane + at] += y * y;
            t->sums[5 * plane + at] += x * y;
            m->x[at] = m->y[at] = 0;
        }
        m->is_touched[group] = 0;
    }
    m->touched_count = 0;
}

/* Rows are sorted by (customer, time); `roles` says of each kind whether it starts or returns. Entries lie in
 * `[since, until)`, returns before `seen`. `group` has one value a row where there is more than one group. All totals
 * come as zeros. */
LOOP retention_cells(const uint32_t *customer, const int64_t *time, const uint32_t *kind, int64_t rows,
                     const uint8_t *roles, const int64_t *group, int64_t groups, const int64_t *bounds,
                     int64_t periods, int64_t first_cohort, int64_t cohorts, int64_t since, int64_t until,
                     int64_t as_of, int64_t seen, int64_t first_time, int64_t elapsed, int64_t or_after,
                     int64_t min_count, const int64_t *begin, const int64_t *end, int64_t brackets, int64_t *size,
                     int64_t *eligible, int64_t *retained, int64_t *so_far, int64_t *sums)
{
    const question q = {brackets, begin, end, bounds, elapsed != 0, or_after != 0, min_count, as_of};
    totals t = {first_cohort, cohorts, groups, size, eligible, retained, so_far, sums};
    size_t cells = (size_t)(groups * brackets);
    entry *entries = malloc((size_t)(cohorts < rows ? cohorts : rows) * sizeof(entry) + 1);
    int64_t *back = malloc((size_t)(rows + 1) * sizeof(int64_t)); /* more than is used, which costs nothing */
    memberships m = {calloc(cells + 1, sizeof(int64_t)), calloc(cells + 1, sizeof(int64_t)),
                     malloc((size_t)groups * sizeof(int64_t) + 1), 0, calloc((size_t)groups + 1, 1)};
    int64_t done = NO_ROOM;
    if (!entries || !back || !m.x || !m.y || !m.touched || !m.is_touched)
        goto end_of_scratch;
    done = 0;
    for (int64_t first = 0, next; first < rows; first = next) {
        const uint32_t who = customer[first];
        int any = 0;
        for (next = first; next < rows && customer[next] == who; next++)
            any |= roles[kind[next]];
        if (!(any & STARTS)) /* as of most customers */
            continue;
        int64_t entered = 0, returns = 0, period = -1;
        for (int64_t row = first; row < next; row++) {
            if (!(roles[kind[row]] & STARTS))
                continue;
            if (time[row] >= since && time[row] < until) {
                int64_t in_period = period_of(bounds, periods, time[row], period);
                if (in_period != period)
                    entries[entered++] = (entry){time[row], in_period, groups > 1 ? group[row] : 0};
                period = in_period;
            }
            if (first_time)
                break;
        }
        if (entered == 0)
            continue;
        for (int64_t row = first; row < next && time[row] < seen; row++) { /* without a branch: half of them count */
            back[returns] = time[row];
            returns += ((roles[kind[row]] & RETURNS) != 0) & (time[row] >= entries[0].time);
        }
        for (int64_t e = 0; e < entered; e++)
            follow(&q, entries + e, back, returns, &t, &m);
        add_customer(&t, &m, brackets);
    }
end_of_scratch:
    free(entries);
    free(back);
    free(m.x);
    free(m.y);
    free(m.touched);
    free(m.is_touched);
    return done;
}
