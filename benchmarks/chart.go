package main

import (
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Charts are SVG files. Colors stand for the same library everywhere, and differ in lightness too.

var (
	ownColor    = color.RGBA{R: 0x0b, G: 0x6e, B: 0x4f, A: 0xff}
	otherColors = []color.RGBA{
		{R: 0xd1, G: 0x49, B: 0x5b, A: 0xff},
		{R: 0x30, G: 0x63, B: 0x8e, A: 0xff},
		{R: 0xed, G: 0xae, B: 0x49, A: 0xff},
		{R: 0x8a, G: 0x63, B: 0xb0, A: 0xff},
		{R: 0xb7, G: 0x9c, B: 0xcc, A: 0xff},
	}
	inkColor  = color.RGBA{R: 0x33, G: 0x33, B: 0x33, A: 0xff}
	gridColor = color.RGBA{R: 0xe4, G: 0xe4, B: 0xe4, A: 0xff}
)

func colorOf(library int) color.Color {
	if library == bytecorsColumn {
		return ownColor
	}
	return otherColors[(library-1)%len(otherColors)]
}

func newChart(title string) *plot.Plot {
	p := plot.New()
	p.Title.Text = title
	p.Title.TextStyle.Font = font.Font{Variant: "Sans", Size: 14}
	p.Title.TextStyle.Color = inkColor
	p.Title.Padding = vg.Points(10)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color, axis.Label.TextStyle.Color, axis.Tick.Color, axis.Tick.Label.Color = inkColor, inkColor, inkColor, inkColor
		axis.Label.TextStyle.Font = font.Font{Variant: "Sans", Size: 11}
		axis.Tick.Label.Font = font.Font{Variant: "Sans", Size: 10}
		axis.Label.Padding = vg.Points(6)
	}
	p.Legend.TextStyle.Font = font.Font{Variant: "Sans", Size: 11}
	p.Legend.TextStyle.Color = inkColor
	p.Legend.Padding = vg.Points(3)
	return p
}

// bars draws a horizontal bar for each name, the first on top, with its value behind it.
func bars(file, title, label string, names []string, values []float64, format func(float64) string) error {
	p := newChart(title)
	p.X.Label.Text = label
	longest := 0.0
	labels := plotter.XYLabels{}
	nominal := make([]string, len(names))
	for i, value := range values {
		at := len(values) - 1 - i
		bar, err := plotter.NewBarChart(plotter.Values{value}, vg.Points(18))
		if err != nil {
			return err
		}
		bar.Horizontal, bar.XMin = true, float64(at)
		bar.Color, bar.LineStyle.Width = colorOf(i), 0
		p.Add(bar)
		labels.XYs = append(labels.XYs, plotter.XY{X: value, Y: float64(at)})
		labels.Labels = append(labels.Labels, " "+format(value))
		nominal[at] = names[i]
		longest = max(longest, value)
	}
	texts, err := plotter.NewLabels(labels)
	if err != nil {
		return err
	}
	for i := range texts.TextStyle {
		texts.TextStyle[i].Font = font.Font{Variant: "Sans", Size: 10}
		texts.TextStyle[i].Color = inkColor
		texts.TextStyle[i].YAlign = -0.4
	}
	p.Add(texts)
	p.NominalY(nominal...)
	p.X.Min, p.X.Max = 0, longest*1.15
	p.Y.Min, p.Y.Max = -0.6, float64(len(names))-0.4
	return save(p, 560, 90+34*len(names), file)
}

// lines draws a line for each library, with both axes logarithmic.
func lines(file, title, xLabel, yLabel string, xs []float64, ys [libraries][]float64) error {
	p := newChart(title)
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = powersOfTen{}, powersOfTen{}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = gridColor, gridColor
	p.Add(grid)
	for library := len(ys) - 1; library >= 0; library-- { // ours on top
		points := make(plotter.XYs, len(xs))
		for i, x := range xs {
			points[i] = plotter.XY{X: x, Y: max(1, ys[library][i])}
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return err
		}
		line.Color, dots.Color = colorOf(library), colorOf(library)
		line.Width, dots.Radius = vg.Points(1.5), vg.Points(2.5)
		if library == bytecorsColumn {
			line.Width = vg.Points(3)
		}
		p.Add(line, dots)
		p.Legend.Add(libraryNames[library], line, dots)
	}
	p.Legend.Top, p.Legend.Left = true, true
	p.Y.Min = 10
	return save(p, 560, 380, file)
}

// save writes a chart with a margin, into which the labels at the ends of its axes reach. The ground is white up to
// the edges, so that they can be read on a dark page too.
func save(p *plot.Plot, width, height int, name string) error {
	const margin = 16
	canvas := vgsvg.New(vg.Points(float64(width)), vg.Points(float64(height)))
	all := draw.New(canvas)
	canvas.SetColor(color.White)
	canvas.Fill(all.Rectangle.Path())
	p.Draw(draw.Crop(all, margin, -margin, margin/2, -margin/2))
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := canvas.WriteTo(file); err != nil {
		return err
	}
	return file.Close()
}

// powersOfTen marks an axis at 1, 10, 100 and so on.
type powersOfTen struct{}

func (powersOfTen) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for exponent := math.Floor(math.Log10(low)); exponent <= math.Ceil(math.Log10(high)); exponent++ {
		value := math.Pow(10, exponent)
		ticks = append(ticks, plot.Tick{Value: value, Label: count(int(value))})
	}
	return ticks
}

// count writes a number with its thousands apart.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// drawCharts writes all charts to a directory.
func drawCharts(dir string, d charted) error {
	inside := func(name string) string { return filepath.Join(dir, name) }
	names := libraryNames[:]
	for _, drawChart := range []func() error{
		func() error {
			return bars(inside("actual.svg"), "Actual request, one origin", "nanoseconds per request, handler included", names, d.actual[:], ns)
		},
		func() error {
			return bars(inside("preflight.svg"), "Preflight, two headers, max-age", "nanoseconds per request", names, d.preflight[:], ns)
		},
		func() error {
			return lines(inside("origins.svg"), "Actual request, by number of listed origins", "origins", "nanoseconds per request", d.sizes, d.costs)
		},
		func() error {
			return bars(inside("preflights.svg"), "Preflights that a browser sends for 20 requests to one URL", "preflights", d.counted, d.counts,
				func(v float64) string { return strconv.Itoa(int(v)) })
		},
	} {
		if err := drawChart(); err != nil {
			return err
		}
	}
	return nil
}

// charted is what the charts show.
type charted struct {
	actual, preflight [libraries]float64
	sizes             []float64
	costs             [libraries][]float64
	counted           []string
	counts            []float64
}
